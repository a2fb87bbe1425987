//! The statements, in sea-query's words, which it writes in each dialect.

use palisade_auth::PasswordHash;
use palisade_core::{Role, UserId};
use sea_query::{
    Cond, DeleteStatement, Expr, ExprTrait, InsertStatement, LikeExpr, LockType, Order, Query,
    SelectStatement, UpdateStatement,
};

use super::table::{USER, Users, UsersAdminGuard, changeable};
use crate::{
    Account, Direction, Filter, Listing, Login, Position, Replacing, Result, Sort, SortBy, SortKey, Status,
    User,
};

pub(super) fn find(id: UserId) -> SelectStatement {
    accounts().and_where(Expr::col(Users::Id).eq(id.uuid())).to_owned()
}

pub(super) fn find_by_login(login: &Login) -> SelectStatement {
    let names = match login {
        Login::Email(email) => Expr::col(Users::Email).eq(email.as_str()),
        Login::Username(username) => Expr::col(Users::UsernameLower).eq(username.key()),
    };
    accounts().and_where(names).to_owned()
}

pub(super) fn list(listing: &Listing) -> SelectStatement {
    let Listing { filter, sort, after, limit } = listing;
    let order = match sort.direction {
        Direction::Ascending => Order::Asc,
        Direction::Descending => Order::Desc,
    };
    let mut select = Query::select();
    select
        .columns(USER)
        .from(Users::Table)
        .cond_where(admits(filter))
        .order_by(column(sort.by), order.clone())
        .order_by(Users::Id, order)
        .limit(limit.with_lookahead());
    if let Some(position) = after {
        select.cond_where(is_after(*sort, position));
    }
    select
}

/// An active administrator other than the user of that id.
pub(super) fn active_admin(than: Option<UserId>) -> SelectStatement {
    let role = Some(Role::admin());
    let filter = Filter { role, status: Some(Status::Active), ..Filter::default() };
    Query::select()
        .column(Users::Id)
        .from(Users::Table)
        .cond_where(admits(&filter))
        .and_where_option(than.map(|id| Expr::col(Users::Id).ne(id.uuid())))
        .limit(1)
        .to_owned()
}

pub(super) fn take_admin_guard() -> UpdateStatement {
    Query::update()
        .table(UsersAdminGuard::Table)
        .value(UsersAdminGuard::Changes, Expr::col(UsersAdminGuard::Changes).add(1))
        .and_where(Expr::col(UsersAdminGuard::Id).eq(1))
        .to_owned()
}

pub(super) fn insert(account: &Account) -> Result<InsertStatement> {
    let (mut columns, mut values): (Vec<_>, Vec<_>) = changeable(&account.user)?.into_iter().unzip();
    columns.extend([Users::Id, Users::CreatedAt, Users::PasswordHash]);
    values.extend([
        Expr::val(account.user.id.uuid()),
        Expr::val(account.user.created_at),
        Expr::val(account.password_hash.as_ref().map(PasswordHash::as_phc)),
    ]);
    let mut insert = Query::insert();
    insert
        .into_table(Users::Table)
        .columns(columns)
        .values(values)
        .map_err(palisade_core::Error::internal)?;
    Ok(insert)
}

/// Users for a write. The order keeps two writers of the same users from waiting for each other.
pub(super) fn lock(ids: &[UserId]) -> SelectStatement {
    Query::select()
        .columns(USER)
        .from(Users::Table)
        .and_where(Expr::col(Users::Id).is_in(ids.iter().map(|id| id.uuid())))
        .order_by(Users::Id, Order::Asc)
        .lock(LockType::Update)
        .to_owned()
}

/// Writes what has changed alone: an index whose column is written is written too, even with the same value.
pub(super) fn update(before: &User, after: &User) -> Result<UpdateStatement> {
    let columns = changeable(before)?.into_iter().zip(changeable(after)?);
    let changed = columns.filter(|(before, after)| before != after || after.0 == Users::Version);
    Ok(Query::update()
        .table(Users::Table)
        .values(changed.map(|(_, after)| after))
        .and_where(Expr::col(Users::Id).eq(after.id.uuid()))
        .to_owned())
}

pub(super) fn set_password_hash(id: UserId, replacing: Replacing<'_>, new: &PasswordHash) -> UpdateStatement {
    let mut update = Query::update();
    update
        .table(Users::Table)
        .value(Users::PasswordHash, new.as_phc())
        .and_where(Expr::col(Users::Id).eq(id.uuid()));
    if let Replacing::Only(old) = replacing {
        update.and_where(Expr::col(Users::PasswordHash).eq(old.as_phc()));
    }
    update
}

pub(super) fn delete(id: UserId) -> DeleteStatement {
    Query::delete().from_table(Users::Table).and_where(Expr::col(Users::Id).eq(id.uuid())).to_owned()
}

fn accounts() -> SelectStatement {
    Query::select().columns(USER).column(Users::PasswordHash).from(Users::Table).to_owned()
}

fn admits(filter: &Filter) -> Cond {
    let text = filter.text.as_ref().map(|text| Expr::col(Users::SearchText).like(containing(text.as_str())));
    // A role's name holds no quotation mark, so the name in quotation marks is one whole item of the list.
    let role =
        filter.role.as_ref().map(|role| Expr::col(Users::Roles).like(containing(&format!("\"{role}\""))));
    let status = filter.status.map(|status| Expr::col(Users::Status).eq(status.as_str()));
    [text, role, status].into_iter().flatten().fold(Cond::all(), Cond::add)
}

/// The pattern of texts that contain `text` as it stands. `!` escapes, because a backslash means something of
/// its own in MySQL.
fn containing(text: &str) -> LikeExpr {
    let literal = text.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    LikeExpr::new(format!("%{literal}%")).escape('!')
}

/// After the position in the order. The first condition says nothing that the second does not; it is what the
/// databases find the place in the index by.
fn is_after(sort: Sort, Position { key, id }: &Position) -> Cond {
    let (column, id_column) = (Expr::col(column(sort.by)), Expr::col(Users::Id));
    let key = match key {
        SortKey::Time(time) => Expr::val(*time),
        SortKey::Text(text) => Expr::val(text.as_str()),
    };
    let id = id.uuid();
    let (from_key, past_key, past_id) = match sort.direction {
        Direction::Ascending => (column.clone().gte(key.clone()), column.gt(key), id_column.gt(id)),
        Direction::Descending => (column.clone().lte(key.clone()), column.lt(key), id_column.lt(id)),
    };
    Cond::all().add(from_key).add(Cond::any().add(past_key).add(past_id))
}

const fn column(by: SortBy) -> Users {
    match by {
        SortBy::CreatedAt => Users::CreatedAt,
        SortBy::Email => Users::Email,
        SortBy::Username => Users::UsernameLower,
    }
}
