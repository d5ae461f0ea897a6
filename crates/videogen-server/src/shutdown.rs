//! Notices that the program is asked to end: Ctrl-C, and where there is one the signal to terminate.

/// Until the program is asked to end.
pub(crate) async fn asked() {
    #[cfg(unix)]
    if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        return;
    }
    // Where even that cannot be heard of, the system ends the program its own way.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
