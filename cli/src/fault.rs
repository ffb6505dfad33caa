//! A journal that ends the process at a chosen write, so that tests can see what a crash leaves behind.

use engine::Medium;

/// Ends the process before or after the n-th append to the journal.
pub(crate) struct CrashingMedium {
    inner: Box<dyn Medium>,
    left: u64,
    after: bool,
}

impl CrashingMedium {
    /// Wraps `inner` as `point` says: `journal:N` ends the process before the N-th append, `journal:N:after`
    /// once it is on disk. Anything else changes nothing.
    pub(crate) fn wrap(point: &str, inner: Box<dyn Medium>) -> Box<dyn Medium> {
        let mut parts = point.split(':');
        match (parts.next(), parts.next().map(str::parse), parts.next()) {
            (Some("journal"), Some(Ok(left)), after) => Box::new(Self {
                inner,
                left,
                after: after == Some("after"),
            }),
            _ => inner,
        }
    }
}

impl Medium for CrashingMedium {
    fn append(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.left = self.left.wrapping_sub(1);
        if self.left == 0 && !self.after {
            std::process::abort();
        }
        self.inner.append(bytes)
    }

    fn sync(&mut self) -> std::io::Result<()> {
        self.inner.sync()?;
        if self.left == 0 {
            std::process::abort();
        }
        Ok(())
    }
}
