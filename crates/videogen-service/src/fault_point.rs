//! Places at which a test may end the process.

/// A place with a name: there a test of crashes may end the process, as a crash would. Does nothing without the feature
/// `fault-points`.
#[inline]
pub fn fault_point(place: &str, when: &str) {
    #[cfg(feature = "fault-points")]
    fail::fail_point!(&format!("{place}.{when}"));
    #[cfg(not(feature = "fault-points"))]
    let _ = (place, when);
}
