//! How files are sent.

use std::time::Duration;

/// How files are sent.
///
/// # Defaults
/// - `largest_file`: 5 GiB
/// - `one_request`: 16 MiB
/// - `part`: 8 MiB
/// - `parts_at_once`: 4
/// - `most_memory`: 32 MiB
/// - `patience`: 60 s
/// - `verify`: yes
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransferConfig {
    /// The most bytes that a file may have.
    pub largest_file: u64,
    /// Files up to so many bytes go in one request, larger ones in parts.
    pub one_request: usize,
    /// The bytes of a part; more where a file would have more than 10,000 parts otherwise. Storage services want 5 MiB
    /// at least for all but the last one.
    pub part: usize,
    /// So many parts of a file are under way at the same time.
    pub parts_at_once: usize,
    /// So many bytes of all files together are in memory at the same time; further parts wait.
    pub most_memory: usize,
    /// How long a request may take beside the time that its bytes need on a line of 64 KiB a second. One that stalls is
    /// given up then, and sent again.
    pub patience: Duration,
    /// Whether the CDN is asked for the size of what has arrived: one more request for each upload.
    pub verify: bool,
}

/// The most parts that fal takes.
const MOST_PARTS: u64 = 10_000;

impl Default for TransferConfig {
    fn default() -> Self {
        Self {
            largest_file: 5 << 30,
            one_request: 16 << 20,
            part: 8 << 20,
            parts_at_once: 4,
            most_memory: 32 << 20,
            patience: Duration::from_secs(60),
            verify: true,
        }
    }
}

/// The slowest line that is waited for.
const SLOWEST_BYTES_PER_SECOND: u64 = 64 << 10;

impl TransferConfig {
    pub(crate) fn is_one_request(&self, bytes: u64) -> bool {
        bytes <= self.one_request as u64
    }

    /// How long a request with so many bytes may take.
    pub(crate) fn time_for(&self, bytes: usize) -> Duration {
        self.patience.saturating_add(Duration::from_secs(bytes as u64 / SLOWEST_BYTES_PER_SECOND))
    }

    /// The bytes of each part of a file.
    pub(crate) fn part_size(&self, bytes: u64) -> usize {
        let least = usize::try_from(bytes.div_ceil(MOST_PARTS)).unwrap_or(usize::MAX);
        self.part.max(least).max(1)
    }

    /// The bytes of the largest piece that has to be in memory.
    pub(crate) fn largest_piece(&self) -> usize {
        self.part_size(self.largest_file).max(self.one_request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_file_has_more_parts_than_fal_takes() {
        let config = TransferConfig { part: 10, ..TransferConfig::default() };
        for bytes in [1_u64, 99_999, 100_000, 100_001, 1 << 40] {
            assert!(bytes.div_ceil(config.part_size(bytes) as u64) <= MOST_PARTS, "{bytes}");
        }
        assert_eq!((config.part_size(100_000), config.part_size(100_001)), (10, 11));
        assert_eq!(TransferConfig { part: 0, ..config }.part_size(5), 1);
    }
}
