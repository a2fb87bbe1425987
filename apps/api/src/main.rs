//! The `api` binary.

fn main() -> std::process::ExitCode {
    palisade_api::server().main()
}
