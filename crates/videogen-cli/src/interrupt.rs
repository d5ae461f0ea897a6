//! Ctrl-C, heard from the moment that money may be spent.

use std::io;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
#[cfg(windows)]
use tokio::signal::windows::{CtrlC, ctrl_c};

/// Hears every Ctrl-C from its making on, and on Unix the request of the system to end, SIGTERM. None is lost between
/// two waits.
#[derive(Debug)]
pub(crate) struct Interrupts {
    #[cfg(unix)]
    signals: [Signal; 2],
    #[cfg(windows)]
    ctrl_c: CtrlC,
}

impl Interrupts {
    /// Begins to listen.
    pub(crate) fn listen() -> io::Result<Self> {
        #[cfg(unix)]
        return Ok(Self { signals: [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?] });
        #[cfg(windows)]
        return Ok(Self { ctrl_c: ctrl_c()? });
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) {
        #[cfg(unix)]
        {
            let [interrupt, terminate] = &mut self.signals;
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
        #[cfg(windows)]
        self.ctrl_c.recv().await;
    }
}
