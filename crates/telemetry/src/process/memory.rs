//! How much memory the process may hold.

use std::{fs, path::Path};

use procfs::{Current as _, Meminfo};

/// Where control groups are, by convention of every distribution (systemd, "Control Group APIs").
const GROUPS: &str = "/sys/fs/cgroup";

/// The least of what the machine has and what the control groups of the process allow, in bytes: beyond it the kernel
/// ends the process. It is asked for anew each time, since a limit may be changed while the process runs.
pub(super) fn limit() -> Option<u64> {
    let machine = Meminfo::current().ok().map(|memory| memory.mem_total);
    let groups = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let allowed = allowed(&groups, |file| fs::read_to_string(Path::new(GROUPS).join(file)).ok());
    machine.into_iter().chain(allowed).min()
}

/// The least limit of the groups in the form of `/proc/self/cgroup` (cgroups(7)) and of those above them; `read` gives
/// the text of a file below the folder of control groups.
fn allowed(groups: &str, read: impl Fn(&str) -> Option<String>) -> Option<u64> {
    let limits = groups.lines().filter_map(|line| {
        let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
        match controllers {
            "" => Some(("", path, "memory.max")),
            _ => controllers.split(',').any(|name| name == "memory").then_some((
                "memory/",
                path,
                "memory.limit_in_bytes",
            )),
        }
    });
    let files = limits.flat_map(|(folder, path, file)| {
        up(path).map(move |group| match group.trim_matches('/') {
            "" => format!("{folder}{file}"),
            group => format!("{folder}{group}/{file}"),
        })
    });
    // `max` is no number, and no limit.
    files.filter_map(|file| read(&file)?.trim().parse().ok()).min()
}

/// The path and those above it, the root last.
fn up(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| {
        path.trim_end_matches('/').rsplit_once('/').map(|(above, _)| above)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_limit_on_the_way_to_the_root_holds() {
        let read = |file: &str| {
            let text = match file {
                "memory.max" => "max\n",
                "system.slice/memory.max" => "2147483648\n",
                "system.slice/api.service/memory.max" => "max\n",
                "memory/docker/abc/memory.limit_in_bytes" => "536870912\n",
                "memory/memory.limit_in_bytes" => "9223372036854771712\n",
                _ => return None,
            };
            Some(text.to_owned())
        };
        assert_eq!(allowed("0::/system.slice/api.service\n", read), Some(2_147_483_648));
        assert_eq!(allowed("0::/\n", read), None);
        let old = "12:cpu,cpuacct:/docker/abc\n5:memory:/docker/abc\n1:name=systemd:/x\n";
        assert_eq!(allowed(old, read), Some(536_870_912));
        assert_eq!(allowed("", read), None);
        assert_eq!(allowed("nonsense\n::\n", read), None);
    }

    #[test]
    fn this_process_has_a_limit() {
        assert!(limit().is_some_and(|limit| limit > 1 << 20));
    }
}
