//! Journals that keep, refuse or never answer.

use std::sync::Mutex;

use tokio::sync::Notify;
use videogen_domain::{Generation, GenerationEvent};
use videogen_service::{Journal, JournalError, TransferProgress};

/// What happens to an event that is not kept, or after it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It is refused.
    Refused,
    /// The process dies before it is kept.
    DiesBefore,
    /// The process dies as soon as it is kept.
    DiesAfter,
}

/// Keeps events, with one trouble at most.
#[derive(Debug, Default)]
pub(crate) struct Recording {
    events: Mutex<Vec<GenerationEvent>>,
    progress: Mutex<Vec<TransferProgress>>,
    trouble: Mutex<Option<(usize, Trouble)>>,
    pub(crate) died: Notify,
}

impl Recording {
    /// Keeps events until the `n`-th, counted from 1.
    pub(crate) fn with_trouble(n: usize, trouble: Trouble) -> Self {
        Self { trouble: Mutex::new(Some((n, trouble))), ..Self::default() }
    }

    pub(crate) fn events(&self) -> Vec<GenerationEvent> {
        self.events.lock().unwrap().clone()
    }

    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.events().iter().map(GenerationEvent::name).collect()
    }

    pub(crate) fn progress(&self) -> Vec<TransferProgress> {
        self.progress.lock().unwrap().clone()
    }

    /// The generation that the kept events tell of.
    pub(crate) fn restored(&self, planned: &Generation) -> Generation {
        let mut generation = planned.clone();
        for event in self.events() {
            generation.apply(event).expect("kept events follow one another");
        }
        generation
    }
}

#[async_trait::async_trait]
impl Journal for Recording {
    async fn record(&self, event: &GenerationEvent) -> Result<(), JournalError> {
        let number = self.events.lock().unwrap().len() + 1;
        let trouble = self.trouble.lock().unwrap().take_if(|(n, _)| *n == number).map(|(_, trouble)| trouble);
        if trouble == Some(Trouble::Refused) {
            return Err(JournalError::new("the disk is full"));
        }
        if trouble != Some(Trouble::DiesBefore) {
            self.events.lock().unwrap().push(event.clone());
        }
        if trouble.is_some() {
            self.died.notify_one();
            std::future::pending::<()>().await;
        }
        Ok(())
    }

    fn transferred(&self, progress: TransferProgress) {
        self.progress.lock().unwrap().push(progress);
    }
}
