//! Adding users.

use std::collections::BTreeSet;

use palisade_auth::PasswordHash;
use palisade_core::{Principal, Role, Secret};
use palisade_events::UnitOfWork;

use super::{Registration, Users, permission};
use crate::{
    Account, Email, Error, Login, Name, NewUser, Origin, Result, SignUp, Status, User, UserCreated, Username,
    Version, metrics::Action,
};

impl Users {
    /// Whether anyone may sign up, for callers that would rather know before they read what was sent.
    ///
    /// # Errors
    /// `RegistrationClosed`.
    pub fn may_register(&self) -> Result<()> {
        match self.0.registration {
            Registration::Open => Ok(()),
            Registration::Closed => Err(Error::RegistrationClosed),
        }
    }

    /// Someone signs up, with the role `user` and nothing more.
    ///
    /// The address is not proved: until mail verification says otherwise, it is what the person claims.
    ///
    /// # Errors
    /// `RegistrationClosed`, `EmailTaken`, `UsernameTaken`; 422 at `/password` when it breaks the policy; 503
    /// when too many passwords wait to be hashed.
    pub async fn register(&self, sign_up: SignUp) -> Result<User> {
        self.acting(Action::Register, async {
            self.may_register()?;
            let (user, password) = self.signed_up(sign_up, [Role::user()].into());
            let account = self.account(user, Some(password)).await?;
            let by = account.user.id.to_string();
            self.in_turn(|unit| self.insert(unit, &account, Origin::SignUp, by.clone())).await?;
            Ok(account.user)
        })
        .await
    }

    /// Makes the first administrator. Of any number of callers, on any number of processes, one succeeds.
    ///
    /// # Errors
    /// `AdminExists`, and as [`Users::register`] but for `RegistrationClosed`.
    pub async fn create_admin(&self, sign_up: SignUp) -> Result<User> {
        self.acting(Action::Create, async {
            if self.0.store.has_admin().await? {
                return Err(Error::AdminExists);
            }
            let (user, password) = self.signed_up(sign_up, [Role::admin(), Role::user()].into());
            let account = self.account(user, Some(password)).await?;
            let by = account.user.id.to_string();
            self.in_turn(|mut unit| {
                let (account, by) = (&account, by.clone());
                async move {
                    if self.0.store.has_other_admin(&mut unit, None).await? {
                        return Err(Error::AdminExists);
                    }
                    self.insert(unit, account, Origin::FirstAdmin, by).await
                }
            })
            .await?;
            Ok(account.user)
        })
        .await
    }

    /// A caller adds a user. The route lets only those in who may write users.
    ///
    /// # Errors
    /// As [`Users::create_with_roles`], and 409 `users.busy` when too many write the same at once; 403 when the caller may not
    /// write users, or the new one would be an administrator and the caller is none; 401 when the caller is no longer an
    /// active user.
    pub async fn create(&self, caller: &Principal, new: NewUser) -> Result<User> {
        self.acting(Action::Create, async {
            let (user, password) = self.invited(new);
            permission::may_touch(caller, None, Some(&user))?;
            let account = self.account(user, password).await?;
            let by = permission::account_of(caller)?;
            self.in_turn(|mut unit| {
                let account = &account;
                async move {
                    let author = self.0.store.lock(&mut unit, &[by]).await?;
                    let caller = self.present_caller(caller, author.first())?;
                    permission::may_write(&caller)?;
                    permission::may_touch(&caller, None, Some(&account.user))?;
                    self.insert(unit, account, Origin::Added, caller.subject.to_string()).await
                }
            })
            .await?;
            Ok(account.user)
        })
        .await
    }

    /// The operator adds a user with any roles, from the command line and not through the API.
    ///
    /// # Errors
    /// `EmailTaken`, `UsernameTaken`; 422 at `/password` when it breaks the policy; 503 when too many
    /// passwords wait to be hashed.
    pub async fn create_with_roles(&self, new: NewUser) -> Result<User> {
        self.acting(Action::Create, async {
            let (user, password) = self.invited(new);
            let account = self.account(user, password).await?;
            let added =
                self.in_turn(|unit| self.insert(unit, &account, Origin::Operator, "operator".to_owned()));
            added.await?;
            Ok(account.user)
        })
        .await
    }

    /// Adds an account, and says so.
    async fn insert(
        &self,
        mut unit: UnitOfWork,
        account: &Account,
        origin: Origin,
        by: String,
    ) -> Result<()> {
        self.0.store.insert(&mut unit, account).await?;
        unit.record(&UserCreated { user_id: account.user.id, origin, by }).await?;
        Ok(unit.commit().await?)
    }

    fn signed_up(&self, sign_up: SignUp, roles: BTreeSet<Role>) -> (User, Secret) {
        let SignUp { email, username, name, password } = sign_up;
        (self.new_user(email, username, name, roles), password)
    }

    fn invited(&self, new: NewUser) -> (User, Option<Secret>) {
        let NewUser { email, username, name, password, roles, status } = new;
        let roles = roles.map_or_else(|| [Role::user()].into(), |roles| roles.0);
        let mut user = self.new_user(email, username, name, roles);
        user.status = status.unwrap_or(Status::Active);
        (user, password)
    }

    fn new_user(&self, email: Email, username: Username, name: Option<Name>, roles: BTreeSet<Role>) -> User {
        let now = self.0.clock.now();
        User {
            id: self.0.ids.id(),
            email,
            username,
            name,
            roles,
            status: Status::Active,
            created_at: now,
            updated_at: now,
            version: Version::FIRST,
        }
    }

    async fn account(&self, user: User, password: Option<Secret>) -> Result<Account> {
        self.check_names_free(&user).await?;
        let password_hash = match password {
            Some(password) => Some(self.hash(&user, password).await?),
            None => None,
        };
        Ok(Account { user, password_hash })
    }

    /// Refuses early what the store would refuse, because hashing in between is costly. Of several who pass
    /// here at the same moment, the store takes one.
    async fn check_names_free(&self, user: &User) -> Result<()> {
        if self.0.store.find_by_login(&Login::Email(user.email.clone())).await?.is_some() {
            return Err(Error::EmailTaken);
        }
        if self.0.store.find_by_login(&Login::Username(user.username.clone())).await?.is_some() {
            return Err(Error::UsernameTaken);
        }
        Ok(())
    }

    async fn hash(&self, user: &User, password: Secret) -> Result<PasswordHash> {
        let mut personal = vec![user.email.as_str(), user.username.as_str()];
        personal.extend(user.name.as_ref().map(Name::as_str));
        Ok(self.0.passwords.set(password, &personal).await?)
    }
}
