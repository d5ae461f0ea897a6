//! Which step follows from a state, and when a failure is the end.

mod book;
mod collect;
mod reuse;
mod submit;
mod upload;
mod watch;

use videogen_domain::{Failure, FailureKind, Generation, GenerationState, Observation, Recovery};

pub(crate) use submit::{handle, input, remote};
pub(crate) use watch::Watching;

/// One step: a generation in, an event out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Bring the picture to where fal can read it.
    Upload,
    /// Set its cost aside, and say that the request is about to be sent.
    Intend,
    /// Send it, once.
    Submit,
    /// Look how far it is, and fetch the result when it is done.
    Watch,
    /// Download the video.
    Store,
    /// Work out what was billed, and write it down.
    Settle,
}

/// The step that follows from a state; none when nothing is left to do, or nothing may be done.
pub(crate) fn next(state: GenerationState) -> Option<Step> {
    match state {
        GenerationState::Planned => Some(Step::Upload),
        GenerationState::Ready => Some(Step::Intend),
        GenerationState::Submitting => Some(Step::Submit),
        GenerationState::Submitted => Some(Step::Watch),
        GenerationState::Generated => Some(Step::Store),
        GenerationState::Stored => Some(Step::Settle),
        // An unconfirmed request waits for somebody to find out; a state from a later version waits too.
        _ => None,
    }
}

impl Step {
    /// The name of the step in traces and metrics. Fetching the result is told apart from looking how far it is.
    pub(crate) fn name(self, generation: &Generation) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Intend => "intend",
            Self::Submit => "submit",
            Self::Watch if matches!(generation.observation, Some(Observation::Done { .. })) => "result",
            Self::Watch => "watch",
            Self::Store => "download",
            Self::Settle => "settle",
        }
    }

    /// Whether the step may be left in the middle. Once the intent is recorded the submit has to be seen through, or
    /// nobody knows whether it was paid for.
    pub(crate) fn may_be_interrupted(self) -> bool {
        match self {
            Self::Upload | Self::Intend | Self::Watch | Self::Store => true,
            Self::Submit | Self::Settle => false,
        }
    }

    /// Whether a failure in this step means that there will be no video.
    ///
    /// Before fal has accepted, whatever cannot be cured by waiting is the end. Afterwards the video is paid for, and
    /// only what fal itself says of the request is. A video that is made is never given up.
    pub(crate) fn ends_by(self, failure: &Failure) -> bool {
        if failure.recovery != Recovery::Never {
            return false;
        }
        match self {
            Self::Upload | Self::Intend | Self::Submit => true,
            Self::Watch => matches!(
                failure.kind,
                FailureKind::Rejected
                    | FailureKind::ContentPolicy
                    | FailureKind::GenerationFailed
                    | FailureKind::NotFound
                    | FailureKind::UnexpectedAnswer
            ),
            Self::Store | Self::Settle => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_its_next_step() {
        let steps: Vec<_> = GenerationState::ALL.iter().map(|&state| next(state)).collect();
        assert_eq!(
            steps,
            [
                Some(Step::Upload),
                Some(Step::Intend),
                Some(Step::Submit),
                None,
                Some(Step::Watch),
                Some(Step::Store),
                Some(Step::Settle),
                None,
                None,
                None,
            ]
        );
    }

    #[test]
    fn a_paid_video_is_not_given_up_for_a_key_or_a_disk() {
        let failure = |kind, recovery| Failure::new(kind, recovery, "", "");
        for (kind, recovery) in [
            (FailureKind::Unauthorized, Recovery::Never),
            (FailureKind::Storage, Recovery::Never),
            (FailureKind::Interrupted, Recovery::Later),
        ] {
            assert!(!Step::Watch.ends_by(&failure(kind, recovery)), "{kind:?}");
            assert!(!Step::Store.ends_by(&failure(kind, recovery)), "{kind:?}");
        }
        assert!(Step::Watch.ends_by(&failure(FailureKind::NotFound, Recovery::Never)));
        assert!(!Step::Store.ends_by(&failure(FailureKind::NotFound, Recovery::Never)), "it is made and paid for");
        assert!(Step::Submit.ends_by(&failure(FailureKind::Unauthorized, Recovery::Never)));
        assert!(!Step::Submit.ends_by(&failure(FailureKind::Unconfirmed, Recovery::Reconcile)));
    }
}
