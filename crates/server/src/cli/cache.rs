//! `api cache`.

use std::{io::Write as _, sync::Arc};

use anyhow::{Context as _, anyhow};
use palisade_cache::{Cache, CacheKey, Pattern};
use palisade_database::Startup;

use crate::print::print;
use crate::runtime::runtime;
use crate::{
    exit::Exit, failure::Failure, foundation::Foundation, ground::Ground, observability::Observability,
    program::Program, provider, services::Need, settings::Settings,
};

/// What to do with the cache that the servers share.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Show where the cache is and what it holds
    Stats,
    /// Show a value
    Get {
        /// The key, such as `users:0198c5a8-b1c7-7d3e-8a4f-0123456789ab`, with or without the prefix
        key: String,
    },
    /// Forget a value, in every process
    Delete {
        /// The key, with or without the prefix
        key: String,
    },
    /// Forget every value, or those of a pattern, in every process
    Clear {
        /// Which keys: `*` stands for any text, `?` for one character, `\` takes the next one as it is: `users:*`
        #[arg(long, default_value = "*")]
        pattern: String,
    },
}

pub(super) fn run(program: &Arc<Program>, command: &Command, settings: &Settings) -> Result<Exit, Failure> {
    let backend = settings.cache_backend();
    match (settings.cache.enabled, backend.needs_redis()) {
        (_, true) => {}
        (false, false) => return Err(anyhow!("the cache is off: set cache.enabled (CACHE_ENABLED)").into()),
        (true, false) => {
            return Err(anyhow!(
                "cache.backend is `{}`: what a server caches is in its own memory, where no other process can look; \
                 restart it to forget, or set redis.url (REDIS_URL) and cache.backend `redis` or `tiered`",
                backend.as_str()
            )
            .into());
        }
    }
    runtime()?.block_on(async {
        let cache = open(program, settings).await?;
        act(command, settings, &*cache).await
    })
}

async fn open(program: &Arc<Program>, settings: &Settings) -> Result<Arc<dyn Cache>, Failure> {
    let ground = Arc::new(Ground::new(Arc::clone(&program.facts), settings.clone(), Observability::off()));
    let secret = program.domains_secret(settings);
    let foundation = Foundation::connect(ground, secret, &mut Startup::without_waiting()).await?;
    let cache = program.providers.iter().filter(|provider| provider.provides == Need::of::<Arc<dyn Cache>>());
    Ok(provider::start(cache, &Arc::new(foundation)).await?.find::<Arc<dyn Cache>>()?.clone())
}

async fn act(command: &Command, settings: &Settings, cache: &dyn Cache) -> Result<Exit, Failure> {
    let key = |text: &str| CacheKey::new(text.strip_prefix(&settings.cache.prefix).unwrap_or(text));
    match command {
        Command::Stats => {
            let stats = cache.stats().await.context("the cache cannot be read")?;
            print(&format!("enabled   {}", settings.cache.enabled));
            if settings.cache.enabled {
                print(&format!("backend   {}", settings.cache_backend().as_str()));
                print(&format!("strategy  {}", settings.cache.strategy));
            }
            print(&format!("prefix    {}", settings.cache.prefix));
            print(&format!("entries   {}", stats.entries));
            print(&format!("bytes     {}", stats.bytes.unwrap_or_default()));
        }
        Command::Get { key: text } => {
            let key = key(text).map_err(anyhow::Error::from)?;
            let hit = cache.get(&key).await.context("the cache cannot be read")?;
            let hit = hit.ok_or_else(|| anyhow!("there is no value under {key}"))?;
            let mut out = std::io::stdout().lock();
            // A reader that has gone away is no failure.
            let _ = out.write_all(&hit.value).and_then(|()| out.write_all(b"\n"));
        }
        Command::Delete { key: text } => {
            let key = key(text).map_err(anyhow::Error::from)?;
            let deleted = cache.delete(&key).await.context("the cache cannot be changed")?;
            print(&forgotten(deleted.into()));
        }
        Command::Clear { pattern } => {
            let pattern = pattern.strip_prefix(&settings.cache.prefix).unwrap_or(pattern);
            let pattern = Pattern::new(pattern).map_err(anyhow::Error::from)?;
            let cleared = cache.delete_matching(&pattern).await.context("the cache cannot be changed")?;
            print(&forgotten(cleared));
        }
    }
    Ok(Exit::Clean)
}

fn forgotten(values: u64) -> String {
    match values {
        1 => "forgot 1 value".to_owned(),
        _ => format!("forgot {values} values"),
    }
}
