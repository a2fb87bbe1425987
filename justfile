# `just` lists the recipes.
default:
    @just --list --unsorted

# Start the server: SQLite under ./data, no settings needed.
run *args:
    cargo run -- {{ args }}

# Start the server with debug logs on the console.
dev:
    LOG_LEVEL=debug,sqlx=info LOG_FORMAT=console cargo run

# Every test, on real PostgreSQL, MariaDB and Redis servers that it starts itself.
test *args:
    scripts/test {{ args }}

# Formatting and lints, warnings denied.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --all-features -- -D warnings

# Format everything.
fmt:
    cargo fmt --all

# Fast feedback while writing.
check:
    cargo check --workspace --all-targets

# What takes longer than a test: kill loops, fail-overs, restarts. `just drills --short kill-loop`
drills *args:
    scripts/drills {{ args }}

# What continuous integration runs.
ci:
    .ci/run

# Database work: `just db migrate`, `just db status`.
db command="status":
    cargo run -- migrate {{ command }}

# Write the generated files: .env.example, and in docs/ the settings, errors, masking, metrics, routes and API document.
generate:
    cargo run --quiet -- docs

# The API documentation of every crate.
doc:
    cargo doc --workspace --no-deps --open

# Fill docs/benchmarks.md from one run on this machine.
bench:
    scripts/bench
