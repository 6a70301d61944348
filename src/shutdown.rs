//! What signals do: the first SIGTERM or SIGINT asks running work to finish, the second ends the process at once; SIGHUP has
//! it forget what it keeps from outside.

use tokio_util::sync::CancellationToken;

/// A token that the first SIGTERM or SIGINT cancels. A second signal ends the process with status 130.
///
/// # Errors
/// When the signal handlers cannot be installed.
pub fn on_signal() -> std::io::Result<CancellationToken> {
    let token = CancellationToken::new();
    let soft = token.clone();
    #[cfg(unix)]
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::spawn(async move {
        for times in 1.. {
            #[cfg(unix)]
            tokio::select! {
                _ = terminate.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            #[cfg(not(unix))]
            let _ = tokio::signal::ctrl_c().await;
            if times > 1 {
                std::process::exit(130);
            }
            tracing::info!("stopping; a second signal stops at once");
            soft.cancel();
        }
    });
    Ok(token)
}

/// Runs `forget` at every SIGHUP.
///
/// # Errors
/// When the signal handler cannot be installed.
pub fn on_hang_up(forget: impl Fn() + Send + 'static) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut hang_up = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())?;
        tokio::spawn(async move {
            while hang_up.recv().await.is_some() {
                forget();
            }
        });
    }
    #[cfg(not(unix))]
    drop(forget);
    Ok(())
}
