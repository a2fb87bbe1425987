//! How late the chunks of a connection are.

use std::time::Duration;

use palisade_core::{Random, SeededRandom};

use super::mode::Mode;

/// The delays of one direction of one connection, the same in each run.
pub(super) struct Delays(SeededRandom);

impl Delays {
    /// Those of the connection with this number.
    pub(super) fn of(connection: u64) -> Self {
        Self(SeededRandom::new(connection))
    }

    /// How much later the next chunk is to arrive.
    pub(super) fn next(&mut self, mode: Mode) -> Duration {
        match mode {
            Mode::Latency(late) => late,
            Mode::Jitter { least, most } => least + most.saturating_sub(least).mul_f64(self.fraction()),
            _ => Duration::ZERO,
        }
    }

    /// From 0 up to 1.
    fn fraction(&mut self) -> f64 {
        let random: &dyn Random = &self.0;
        f64::from(u32::from_le_bytes(random.bytes())) / f64::from(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JITTER: Mode = Mode::Jitter { least: Duration::from_millis(10), most: Duration::from_millis(30) };

    fn first_delays(connection: u64) -> Vec<Duration> {
        let mut delays = Delays::of(connection);
        (0..200).map(|_| delays.next(JITTER)).collect()
    }

    #[test]
    fn jitter_repeats_itself_and_differs_between_connections() {
        assert_eq!(first_delays(1), first_delays(1));
        assert_ne!(first_delays(1), first_delays(2));
    }

    #[test]
    fn jitter_uses_its_whole_range_and_no_more() {
        let (least, most) = (Duration::from_millis(10), Duration::from_millis(30));
        let delays = first_delays(7);
        assert!(delays.iter().all(|delay| (least..=most).contains(delay)));
        let middle = Duration::from_millis(20);
        assert!(delays.iter().any(|delay| *delay < middle) && delays.iter().any(|delay| *delay > middle));
    }
}
