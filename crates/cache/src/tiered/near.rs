//! The near tier: copies that are in use while it is heard what changes.

use std::{
    fmt,
    sync::atomic::{AtomicBool, Ordering},
};

use palisade_redis::Listener;

use crate::{CacheKey, Hit, MemoryCache, Pattern};

pub(super) struct Near {
    pub(super) memory: MemoryCache,
    listening: AtomicBool,
}

impl Near {
    pub(super) const fn new(memory: MemoryCache) -> Self {
        Self { memory, listening: AtomicBool::new(false) }
    }

    pub(super) fn is_listening(&self) -> bool {
        self.listening.load(Ordering::Acquire)
    }

    pub(super) fn find(&self, key: &CacheKey) -> Option<Hit> {
        if self.is_listening() { self.memory.find(key) } else { None }
    }
}

impl Listener for Near {
    fn joined(&self) {
        // What changed before was not heard. Copies that are on their way may be older too and find no place.
        self.memory.forget_matching(&Pattern::everything());
        self.listening.store(true, Ordering::Release);
    }

    fn heard(&self, message: &[u8]) {
        let told = std::str::from_utf8(message).unwrap_or_default();
        let key = told.strip_prefix('k').and_then(|key| CacheKey::new(key).ok());
        let pattern = || told.strip_prefix('p').and_then(|pattern| Pattern::new(pattern).ok());
        match key {
            Some(key) => self.memory.forget(&key),
            // What cannot be understood may mean anything.
            None => self.memory.forget_matching(&pattern().unwrap_or_else(Pattern::everything)),
        }
    }

    fn left(&self) {
        self.listening.store(false, Ordering::Release);
    }
}

impl fmt::Debug for Near {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Near").field("listening", &self.is_listening()).field("memory", &self.memory).finish()
    }
}
