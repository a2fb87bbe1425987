//! The program as an operator meets it: its output, its exit codes, its signals.

mod audit;
mod bombs;
mod cache;
mod clients;
mod coders;
mod commands;
mod configuration;
mod crowd;
mod events;
mod harness;
mod lifecycle;
mod lines;
mod logs;
mod migrations;
mod open_files;
mod redis_lost;
mod refusals;
mod replicas;
mod rolling;
mod signals;
mod starting;
mod telemetry;
