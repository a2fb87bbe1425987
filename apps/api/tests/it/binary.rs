//! The program as an operator meets it: its output, its exit codes, its signals.

mod bombs;
mod cache;
mod clients;
mod commands;
mod configuration;
mod harness;
mod lifecycle;
mod lines;
mod logs;
mod migrations;
mod open_files;
mod redis_lost;
mod refusals;
mod replicas;
mod telemetry;
