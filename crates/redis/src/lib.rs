//! One shared Redis handle for every crate that needs Redis.
