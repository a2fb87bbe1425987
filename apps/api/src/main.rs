//! The `api` binary: everything is in the library, so that tests and other programs can start the same server.

fn main() -> std::process::ExitCode {
    palisade_api::cli::main()
}
