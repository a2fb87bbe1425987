//! People who use the server.

use serde_json::{Value, json};

use super::TestApp;

/// The password of everybody made here. It passes the policy.
pub const PASSWORD: &str = "violet-Tractor-93-lamp";

/// Someone with an account, signed in.
#[derive(Debug, Clone)]
pub struct TestUser {
    /// The user's id.
    pub id: String,
    /// The e-mail address.
    pub email: String,
    /// The username.
    pub username: String,
    /// The password.
    pub password: String,
    /// The access token of the session.
    pub access_token: String,
    /// The refresh token of the session.
    pub refresh_token: String,
}

impl TestApp {
    /// Signs someone up as `username`, `{username}@example.com`, and signs them in.
    ///
    /// # Panics
    /// When one of the two is refused.
    pub async fn register(&self, username: &str) -> TestUser {
        let answer = self.post("/api/v1/auth/register").json(&newcomer(username)).await.expect(201);
        self.signed_in(username, &answer.json()).await
    }

    /// Makes the first admin through the one-time link, and signs them in.
    ///
    /// # Panics
    /// When the server gave out no link, or refuses it.
    pub async fn admin(&self) -> TestUser {
        let Some(link) = self.first_admin() else { panic!("the server gave out no link for a first admin") };
        let answer = self.post(link).json(&newcomer("root_admin")).await.expect(201);
        self.signed_in("root_admin", &answer.json()).await
    }

    /// Opens another session of someone; gives the access token and the refresh token.
    ///
    /// # Panics
    /// When signing in is refused.
    pub async fn login(&self, login: &str, password: &str) -> (String, String) {
        let field = if login.contains('@') { "email" } else { "username" };
        let body = json!({field: login, "password": password});
        let tokens = self.post("/api/v1/auth/login").json(&body).await.expect(200).json();
        (text(&tokens, "access_token"), text(&tokens, "refresh_token"))
    }

    async fn signed_in(&self, username: &str, user: &Value) -> TestUser {
        let (access_token, refresh_token) = self.login(username, PASSWORD).await;
        TestUser {
            id: text(user, "id"),
            email: text(user, "email"),
            username: username.to_owned(),
            password: PASSWORD.to_owned(),
            access_token,
            refresh_token,
        }
    }
}

fn newcomer(username: &str) -> Value {
    json!({"email": format!("{username}@example.com"), "username": username, "password": PASSWORD})
}

fn text(object: &Value, member: &str) -> String {
    match object.get(member).and_then(Value::as_str) {
        Some(text) => text.to_owned(),
        None => panic!("no text `{member}` in {object}"),
    }
}
