//! A pointer to a store is a store: lets topologies own, share or borrow their parts.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use crate::{ActionCache, Digest, Result, Store};

macro_rules! forward {
    ($($pointer:ty),*) => {$(
        impl<S: Store + ?Sized> Store for $pointer {
            fn missing(&self, digests: &[Digest]) -> Result<Vec<Digest>> {
                (**self).missing(digests)
            }

            fn get(&self, digest: &Digest) -> Result<Option<Bytes>> {
                (**self).get(digest)
            }

            fn copy_to(&self, digest: &Digest, path: &Path, executable: bool) -> Result<bool> {
                (**self).copy_to(digest, path, executable)
            }

            fn put(&self, bytes: &[u8]) -> Result<Digest> {
                (**self).put(bytes)
            }

            fn put_file(&self, path: &Path) -> Result<Digest> {
                (**self).put_file(path)
            }

            fn sync(&self) -> Result<()> {
                (**self).sync()
            }
        }

        impl<S: ActionCache + ?Sized> ActionCache for $pointer {
            fn get(&self, key: &Digest) -> Result<Option<Vec<u8>>> {
                (**self).get(key)
            }

            fn put(&self, key: &Digest, value: &[u8]) -> Result<()> {
                (**self).put(key, value)
            }

            fn sync(&self) -> Result<()> {
                (**self).sync()
            }
        }
    )*};
}

forward!(&S, Box<S>, Arc<S>);
