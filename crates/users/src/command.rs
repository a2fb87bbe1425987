//! The command `users`.

use std::io::{BufRead as _, IsTerminal as _};

use anyhow::{Context as _, anyhow};
use palisade_core::{Role, input};
use palisade_server::{Command, CommandContext, Exit, Failure, print};
use serde_json::{Map, Value};

use crate::{NewUser, Users};

/// The command.
pub(crate) fn users() -> Command {
    Command::group("users", "Manage users", run)
}

/// What to do with users.
#[derive(Debug, clap::Subcommand)]
enum UsersCommand {
    /// Add a user; the password is asked for, or read from standard input when that is no terminal
    Create(Create),
}

/// Who is added.
#[derive(Debug, clap::Args)]
struct Create {
    /// The e-mail address
    #[arg(long)]
    email: String,
    /// The username: 3 to 50 letters, digits and underscores
    #[arg(long)]
    username: String,
    /// The full name
    #[arg(long)]
    name: Option<String>,
    /// Makes the user an administrator
    #[arg(long)]
    admin: bool,
}

fn run(context: CommandContext, command: UsersCommand) -> Result<Exit, Failure> {
    let UsersCommand::Create(create) = command;
    let user: NewUser = input::read(&body(&create, password()?)).map_err(|error| anyhow!(explain(&error)))?;
    context.with_services(async |services| {
        let users = services.find::<Users>()?;
        let added = users.create_with_roles(user).await.map_err(|error| anyhow!(explain(&error.into())))?;
        let roles: Vec<_> = added.roles.iter().map(Role::as_str).collect();
        print(&format!("added {} ({}) with the roles {}", added.username, added.id, roles.join(", ")));
        Ok(Exit::Clean)
    })
}

fn body(create: &Create, password: String) -> Value {
    let mut body = Map::new();
    body.insert("email".to_owned(), create.email.clone().into());
    body.insert("username".to_owned(), create.username.clone().into());
    body.insert("name".to_owned(), create.name.clone().into());
    body.insert("password".to_owned(), password.into());
    if create.admin {
        body.insert("roles".to_owned(), vec![Value::from("admin"), Value::from("user")].into());
    }
    body.into()
}

/// Never from an argument: the arguments of a process are there for every user of the machine to see.
fn password() -> anyhow::Result<String> {
    if std::io::stdin().is_terminal() {
        let prompt =
            dialoguer::Password::new().with_prompt("Password").with_confirmation("Again", "They differ");
        return prompt.interact().context("the password could not be read");
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).context("the password could not be read")?;
    match line.trim_end_matches(['\r', '\n']) {
        "" => Err(anyhow!("the password is read from standard input, which is empty")),
        password => Ok(password.to_owned()),
    }
}

/// The error in a line per broken rule.
fn explain(error: &palisade_core::Error) -> String {
    let fields = error
        .fields()
        .iter()
        .map(|field| format!("{} {}", field.field.trim_start_matches('/'), field.message));
    let fields: Vec<String> = fields.collect();
    if fields.is_empty() { error.message().to_owned() } else { fields.join("\n") }
}
