//! What the operating system knows of this process.

mod memory;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use procfs::process::{LimitValue, Process as Entry};

use crate::metrics::{Gauge, Telemetry};

crate::metrics! {
    /// What is measured of the process. The names beginning with `process_` are those of Prometheus' clients.
    struct Metrics {
        /// Memory that the process holds, in bytes: as `process_resident_memory_bytes`.
        memory: Gauge[] = "memory_usage_bytes",
        /// Memory that the process may hold, in bytes: the least limit of its control groups, or what the machine has.
        memory_limit: Gauge[] = "memory_limit_bytes",
        /// Share of one core that the process used since it was last asked, in percent: 200 is two cores busy.
        cpu: Gauge[] = "cpu_usage_percent",
        /// Time that cores have spent on the process, in seconds.
        cpu_seconds: Counter[] = "process_cpu_seconds_total",
        /// Memory that the process holds, in bytes.
        resident: Gauge[] = "process_resident_memory_bytes",
        /// Addresses that the process has reserved, in bytes.
        virtual_memory: Gauge[] = "process_virtual_memory_bytes",
        /// Open files and sockets.
        open_fds: Gauge[] = "process_open_fds",
        /// Most files and sockets that may be open.
        max_fds: Gauge[] = "process_max_fds",
        /// Threads.
        threads: Gauge[] = "process_threads",
        /// When the process started, in seconds since 1970.
        start_time: Gauge[] = "process_start_time_seconds",
        /// How long the program has been running, in seconds.
        uptime: Gauge[] = "app_uptime_seconds",
        /// Always 1; the label says which version runs.
        build_info: Gauge["version"] = "build_info",
    }
}

/// What is measured of the process.
pub const METRICS: &[&[crate::metrics::Declaration]] = &[Metrics::DECLARED];

/// The least time over which the use of cores is told: over less it is noise.
const LEAST_SPAN: Duration = Duration::from_secs(1);

/// Measures the process each time before metrics are read, from now on; `version` is the program's. Where the system
/// has no `/proc`, only version and uptime are told.
pub fn measure(telemetry: &Arc<dyn Telemetry>, version: &str) {
    let metrics = Metrics::new(telemetry);
    metrics.build_info.with([version]).set(1.0);
    let started = Instant::now();
    let watch = Mutex::new(CpuWatch { at: started, used: Duration::ZERO });
    telemetry.before_reading(Box::new(move || {
        metrics.uptime.with([]).set(started.elapsed().as_secs_f64());
        // What cannot be read keeps its last value.
        let _ = metrics.read(&watch);
    }));
}

impl Metrics {
    fn read(&self, watch: &Mutex<CpuWatch>) -> procfs::ProcResult<()> {
        let entry = Entry::myself()?;
        let stat = entry.stat()?;
        let ticks = procfs::ticks_per_second();
        let used = Duration::from_secs_f64(float(stat.utime + stat.stime) / float(ticks));
        self.cpu_seconds.with([]).total_of(used.as_secs_f64());
        watch.lock().unwrap_or_else(PoisonError::into_inner).tell(used, &self.cpu.with([]));
        let resident = float(stat.rss.saturating_mul(procfs::page_size()));
        self.memory.with([]).set(resident);
        self.resident.with([]).set(resident);
        if let Some(limit) = memory::limit() {
            self.memory_limit.with([]).set(float(limit));
        }
        self.virtual_memory.with([]).set(float(stat.vsize));
        self.threads.with([]).set(float(u64::try_from(stat.num_threads).unwrap_or_default()));
        self.open_fds.with([]).set_count(entry.fd_count()?);
        if let LimitValue::Value(most) = entry.limits()?.max_open_files.soft_limit {
            self.max_fds.with([]).set(float(most));
        }
        let booted = float(procfs::boot_time_secs()?);
        self.start_time.with([]).set(booted + float(stat.starttime) / float(ticks));
        Ok(())
    }
}

struct CpuWatch {
    at: Instant,
    used: Duration,
}

impl CpuWatch {
    fn tell(&mut self, used: Duration, gauge: &Gauge) {
        let span = self.at.elapsed();
        if span >= LEAST_SPAN {
            gauge.set(used.saturating_sub(self.used).as_secs_f64() / span.as_secs_f64() * 100.0);
            *self = Self { at: Instant::now(), used };
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "exact below 2⁵³")]
fn float(number: u64) -> f64 {
    number as f64
}
