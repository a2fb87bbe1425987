//! What a library leaves to the program: the environment, the terminal, the end of the process, the runtime.

use crate::{
    rule::Rule,
    source::Source,
    workspace::{Package, Workspace},
};

/// The code that ships in the libraries.
fn check(rule: &Rule<'_>) {
    let packages = &Workspace::get().packages;
    let libraries: Vec<&str> = packages
        .iter()
        .filter(|package| package.is_library())
        .map(|package| package.folder.as_str())
        .collect();
    // An example is a program.
    let ships =
        |source: &Source| libraries.contains(&source.package()) && !source.path.contains("/examples/");
    let shipped = |source: &Source| ships(source).then(|| source.production.clone());
    rule.check(&Source::all(), shipped);
}

#[test]
fn libraries_never_read_the_environment() {
    check(&Rule {
        says: "the environment is read once, by palisade_config, when the program asks for it",
        names: &[
            "env::var",
            "env::vars",
            "env::var_os",
            "env::vars_os",
            "env::args",
            "env::set_var",
            "env::home_dir",
        ],
        except: &[("crates/config/src/capture.rs", "this is the one place")],
    });
}

#[test]
fn libraries_never_print() {
    check(&Rule {
        says: "a library tells by return values and by tracing events",
        names: &["println!", "eprintln!", "print!", "eprint!", "dbg!", "stdout", "stderr"],
        except: &[
            ("crates/telemetry/src/logs.rs", "where the program's log lines go is its subject"),
            ("crates/server/src/cli/", "the command line of programs"),
            ("crates/server/src/print.rs", "what commands print with"),
            ("crates/server/src/failure.rs", "tells the user of a command why it failed"),
            ("crates/server/src/observability.rs", "whether logs go to a terminal decides their form"),
        ],
    });
}

#[test]
fn libraries_never_end_the_process() {
    check(&Rule {
        says: "only a program decides that it ends: return an error",
        names: &["process::exit", "process::abort", "std::process"],
        except: &[("crates/server/src/exit.rs", "gives the program its exit code")],
    });
}

#[test]
fn libraries_own_no_runtime() {
    check(&Rule {
        says: "the program starts the runtime, a library runs on it",
        names: &[
            "runtime::Builder",
            "Runtime::new",
            "System::new",
            "block_on",
            "tokio::main",
            "actix_web::main",
        ],
        except: &[
            ("crates/server/src/cli/", "the command line of programs"),
            ("crates/server/src/domain/command.rs", "runs a command with the services of the program"),
            ("crates/server/src/runtime.rs", "the runtime of a command"),
        ],
    });
}

#[test]
fn libraries_use_no_private_or_test_api_of_a_dependency() {
    check(&Rule {
        says: "what a dependency does not offer to programs may change in any version",
        names: &["TestRequest", "actix_web::test", "__priv_test_new"],
        except: &[(
            "crates/listener/src/service.rs",
            "actix-web offers no other way to tell an application its address and whether its connections are encrypted",
        )],
    });
}

#[test]
fn collaborators_come_through_constructors() {
    check(&Rule {
        says: "no global state: what a part works with is handed to its constructor",
        names: &[
            "static mut",
            "thread_local!",
            "task_local!",
            "lazy_static!",
            "OnceLock",
            "OnceCell",
            "LazyLock",
            "LazyCell",
        ],
        except: &[
            ("crates/core/src/random.rs", "a buffer that spares a system call per id, no state"),
            (
                "crates/core/src/wait_budget.rs",
                "how long the request that a thread works for may still wait, as the future that is polled says; decision 0018",
            ),
            (
                "crates/events/src/unit.rs",
                "who hears of events: subscribers are made of services, and services of what they record events with",
            ),
            ("crates/events/src/units.rs", "the same"),
            (
                "crates/telemetry/src/correlation.rs",
                "which request a thread works for, as the future that is polled says; read by what tells, never by what decides",
            ),
            ("crates/telemetry/src/logs/layer.rs", "a buffer that spares an allocation per line, no state"),
            (
                "crates/listener/src/deferred/application.rs",
                "a field: the application of a worker, made once its parts are there",
            ),
            (
                "crates/listener/src/panics.rs",
                "a field: the exchange of a connection, known once its stream is",
            ),
            (
                "crates/http/src/routes/matched.rs",
                "a field: what a table has found in the application it serves",
            ),
        ],
    });
}

#[test]
fn the_workspace_has_libraries_to_check() {
    let libraries = Workspace::get().packages.iter().filter(|package| Package::is_library(package));
    assert!(libraries.count() >= 8, "the rules of this file must have something to look at");
}
