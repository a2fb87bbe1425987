//! `Caching`: one fetch, nothing out of date, whatever happens.

mod changes;
mod doubts;
mod faulty;
mod flights;
mod losses;
mod refresh;
mod support;
mod values;
