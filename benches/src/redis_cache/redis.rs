//! Reads of bytes on Redis, by nothing but its client.

use palisade_redis::{
    Redis,
    redis::{Cmd, Value, cmd},
};

use crate::{
    Problem,
    in_flight::Call,
    place::{PREFIX, Place, USERS},
    user::id,
};

/// The bytes and nothing else, by commands that are made before.
pub(crate) struct PlainGet {
    redis: Redis,
    commands: Vec<Cmd>,
}

impl PlainGet {
    pub(crate) fn of(place: &Place) -> Result<Self, Problem> {
        let command = |number| {
            let mut command = cmd("GET");
            command.arg(format!("{PREFIX}{}", place.far.key(id(number))?));
            Ok(command)
        };
        Ok(Self {
            redis: place.redis.clone(),
            commands: (0..USERS).map(command).collect::<Result<_, Problem>>()?,
        })
    }
}

impl Call for PlainGet {
    fn keys(&self) -> usize {
        self.commands.len()
    }

    async fn call(&self, key: usize) -> Result<(), Problem> {
        match self.redis.query(self.commands.get(key).ok_or("no key")?).await? {
            Value::BulkString(_) => Ok(()),
            _ => Err("a value is not there".into()),
        }
    }
}
