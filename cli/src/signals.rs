//! Ctrl-C, SIGTERM and a terminal that goes away: the first stops the run in an orderly way, another Ctrl-C or SIGTERM
//! at once.

use std::sync::mpsc;

use engine::Cancel;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::exit::Kind;

/// Cancels `cancel` on the first signal and leaves the process on another. Signals are waited for when this returns.
pub(crate) fn watch(cancel: &Cancel) {
    let cancel = cancel.clone();
    let (ready, is_ready) = mpsc::channel::<()>();
    std::thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
            return;
        };
        runtime.block_on(async {
            let Ok(mut signals) = Signals::new() else {
                return;
            };
            drop(ready);
            signals.next().await;
            cancel.cancel();
            // A terminal that goes away may say so more than once, and is nobody's impatience.
            signals.hang_up = None;
            signals.next().await;
            std::process::exit(Kind::Interrupted as i32);
        });
    });
    // Either end of the sender says enough: it waits, or it never will.
    let _ = is_ready.recv();
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
    /// `None` where it means nothing, as `nohup` has it.
    hang_up: Option<Signal>,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hang_up: if ignores_hang_up() {
                None
            } else {
                Some(signal(SignalKind::hangup())?)
            },
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            () = hung_up(&mut self.hang_up) => {}
        }
    }
}

async fn hung_up(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => _ = signal.recv().await,
        None => std::future::pending().await,
    }
}

/// Whether whoever started this process wants it to outlive the terminal (Linux tells; elsewhere nobody is asked).
fn ignores_hang_up() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // A mask in hexadecimal; the lowest bit is signal 1, SIGHUP.
    ignored.is_some_and(|mask| u64::from_str_radix(mask.trim(), 16).is_ok_and(|mask| mask & 1 == 1))
}
