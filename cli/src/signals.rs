//! Ctrl-C and SIGTERM: the first stops the run in an orderly way, the second at once.

use engine::Cancel;

use crate::exit::Kind;

/// Cancels `cancel` on the first signal and leaves the process on the second.
pub(crate) fn watch(cancel: &Cancel) {
    let cancel = cancel.clone();
    std::thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
            return;
        };
        runtime.block_on(async {
            for round in 0..2 {
                if wait().await.is_err() {
                    return;
                }
                if round > 0 {
                    std::process::exit(Kind::Interrupted as i32);
                }
                cancel.cancel();
            }
        });
    });
}

async fn wait() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}
