//! What is kept, for how long, and what is none.

use std::{collections::HashSet, time::Duration};

use palisade_cache::{Caching, Entry, Error, Lookup, Namespace, Recipe, Strategy, Tag, Token, Ttl, Typed};
use palisade_core::SystemRandom;

use super::support::{Failure, Source, key, memory, prefix, processes, recipe, ttl};

async fn find(caching: &Caching, source: &Source, recipe: &Recipe) -> Lookup {
    let source = source.clone();
    let fetch = move || async move { source.read().await.map(|_| None::<u64>) };
    let fetched = caching.find_or_fetch(&key("nobody"), recipe, fetch).await.unwrap();
    assert_eq!(fetched.value, None);
    fetched.lookup
}

#[tokio::test]
async fn that_there_is_nothing_is_known_for_its_own_time() {
    let (caching, clock) = memory();
    let (source, recipe) = (Source::default(), recipe().negative_ttl(ttl(10)));
    assert_eq!(find(&caching, &source, &recipe).await, Lookup::Miss);
    clock.advance(Duration::from_millis(8_900));
    assert_eq!(find(&caching, &source, &recipe).await, Lookup::Hit);
    clock.advance(Duration::from_millis(1_101));
    assert_eq!(find(&caching, &source, &recipe).await, Lookup::Miss);
    assert_eq!(source.begun(), 2);
}

#[tokio::test]
async fn that_there_is_nothing_is_asked_each_time_unless_told_otherwise() {
    let (caching, _) = memory();
    let source = Source::default();
    assert_eq!(find(&caching, &source, &recipe()).await, Lookup::Miss);
    assert_eq!(find(&caching, &source, &recipe()).await, Lookup::Miss);
}

#[tokio::test]
async fn that_there_is_nothing_is_asked_once_for_all_who_wait() {
    let (caching, _) = processes(&prefix("nothing")).await;
    let source = Source::closed();
    let call = || {
        let (caching, source) = (caching[0].clone(), source.clone());
        tokio::spawn(async move { find(&caching, &source, &recipe()).await })
    };
    let callers: Vec<_> = (0..50).map(|_| call()).collect();
    source.begins(1).await;
    source.open();
    for caller in callers {
        assert_eq!(caller.await.unwrap(), Lookup::Miss);
    }
    assert_eq!(source.begun(), 1);
}

#[tokio::test]
async fn times_to_live_are_spread_over_a_tenth() {
    let (caching, _) = memory();
    let mut spans = HashSet::new();
    for id in 0..200 {
        let key = key(&format!("jitter:{id}"));
        caching.set(&key, &id, &recipe()).await.unwrap();
        let ttl = caching.cache().get(&key).await.unwrap().unwrap().ttl;
        assert!((90_000..=100_000).contains(&ttl.as_millis()), "{ttl:?}");
        spans.insert(ttl);
    }
    assert!(spans.len() > 100, "{}", spans.len());
}

#[tokio::test]
async fn bytes_that_are_no_such_value_are_a_miss_and_go() {
    let (caching, _) = memory();
    let poison = |text: &str| Entry {
        key: key(text),
        value: "{".into(),
        ttl: ttl(100),
        tags: Vec::new(),
        version: Token::new(&SystemRandom),
    };
    caching.cache().set_many(vec![poison("a"), poison("b"), poison("c")]).await.unwrap();
    assert_eq!(caching.get::<u64>(&key("a")).await, None);
    assert_eq!(caching.get_many::<u64>(&[key("b"), key("a")]).await, [None, None]);
    let source = Source::default();
    assert_eq!(source.through(&caching, &key("c"), &recipe()).await.lookup, Lookup::Miss);
    assert_eq!(source.through(&caching, &key("c"), &recipe()).await.lookup, Lookup::Hit);
    assert_eq!(caching.counters().poisoned, 3);
    for gone in ["a", "b"] {
        assert_eq!(caching.cache().get(&key(gone)).await.unwrap(), None);
    }
}

#[tokio::test]
async fn many_are_set_and_got_together() {
    let ([caching, _], _) = processes(&prefix("many")).await;
    let users = Typed::<String>::new(caching.clone(), Namespace::new("users").unwrap(), recipe());
    let (ann, bob) = ("ann".to_owned(), "bob".to_owned());
    users.set_many([(1, &ann), (2, &bob)]).await.unwrap();
    assert_eq!(users.get_many([2, 3, 1]).await.unwrap(), [Some(bob), None, Some(ann.clone())]);
    assert_eq!(users.get(1).await.unwrap(), Some(ann));
    let counters = caching.counters();
    assert_eq!((counters.hits, counters.misses), (3, 1));
}

#[tokio::test]
async fn what_is_no_key_and_what_cannot_be_encoded_is_an_error() {
    let (caching, _) = memory();
    let typed = Typed::<u64>::new(caching.clone(), Namespace::new("users").unwrap(), recipe());
    let long = "k".repeat(600);
    assert!(matches!(typed.get(&long).await, Err(Error::InvalidKey(_))));
    assert!(matches!(typed.set(&long, &1).await, Err(Error::InvalidKey(_))));
    assert!(matches!(typed.set_many([("a", &1), (long.as_str(), &2)]).await, Err(Error::InvalidKey(_))));
    assert!(matches!(typed.change("a\n").await, Err(Error::InvalidKey(_))));
    let fetched = typed.get_or_fetch(&long, || async { Ok::<_, Failure>(1) }).await;
    assert!(matches!(fetched, Err(Failure::Cache(Error::InvalidKey(_)))));
    assert_eq!(typed.get("a").await.unwrap(), None, "one that is wrong, and none is set");
    let unencodable = std::collections::HashMap::from([(vec![1], 1)]);
    let set = caching.set(&key("map"), &unencodable, &recipe()).await;
    assert!(matches!(set, Err(Error::Unencodable(_))));
    assert!(Ttl::from_seconds(0).is_err() && Ttl::from_seconds(-1).is_err());
}

#[tokio::test]
async fn a_write_through_leaves_what_it_wrote() {
    let (caching, _) = memory();
    let through = recipe().strategy(Strategy::WriteThrough);
    caching.change(&key("through")).await.finish_with(&5_u64, &through).await;
    assert_eq!(caching.get(&key("through")).await, Some(5_u64));
    caching.change(&key("through")).await.finish_with(&6_u64, &recipe()).await;
    assert_eq!(caching.get::<u64>(&key("through")).await, None, "cached aside");
    // Nobody knows which of two writes at once the source kept.
    let (one, other) = (caching.change(&key("through")).await, caching.change(&key("through")).await);
    one.finish_with(&7_u64, &through).await;
    other.finish_with(&8_u64, &through).await;
    assert_eq!(caching.get::<u64>(&key("through")).await, None);
}

#[tokio::test]
async fn what_has_a_tag_or_fits_a_pattern_is_forgotten_together() {
    let (caching, _) = processes(&prefix("together")).await;
    let tag = Tag::new("org:1").unwrap();
    let source = Source::default();
    let tagged = recipe().tags([tag.clone()]);
    source.through(&caching[0], &key("users:1"), &tagged).await;
    source.through(&caching[0], &key("users:2"), &recipe()).await;
    assert_eq!(caching[1].forget_tagged(&tag).await.unwrap(), 1);
    assert_eq!(caching[0].get::<u64>(&key("users:1")).await, None);
    assert_eq!(caching[0].get(&key("users:2")).await, Some(1_u64));
    let users = palisade_cache::Pattern::new("users:*").unwrap();
    assert_eq!(caching[1].forget_matching(&users).await.unwrap(), 1);
    assert_eq!(caching[0].get::<u64>(&key("users:2")).await, None);
}
