//! Work that is done once, however many ask for it at the same time.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::Mutex as AsyncMutex;

use crate::Error;

/// What is being made just now, by its key. Whoever asks for the same waits, and gets the same; when it fails, all who
/// waited get that failure. When the one who works gives up, the next one who waits begins anew.
pub(crate) struct OneAtATime<K, V>(Mutex<HashMap<K, Weak<Slot<V>>>>);

type Slot<V> = AsyncMutex<Option<Result<V, Arc<Error>>>>;

impl<K: Eq + Hash + Clone, V: Clone> OneAtATime<K, V> {
    /// Makes it, or waits for whoever does.
    pub(crate) async fn get(&self, key: K, make: impl Future<Output = Result<V, Error>>) -> Result<V, Error> {
        let slot = self.slot(key);
        let mut made = slot.lock().await;
        if let Some(result) = made.as_ref() {
            return result.clone().map_err(Error::Shared);
        }
        match make.await {
            Ok(value) => {
                *made = Some(Ok(value.clone()));
                Ok(value)
            }
            Err(error) => {
                let error = Arc::new(error);
                *made = Some(Err(Arc::clone(&error)));
                drop(made);
                drop(slot);
                Err(Arc::try_unwrap(error).unwrap_or_else(Error::Shared))
            }
        }
    }

    /// The slot of those who ask just now; the last of them takes it away.
    fn slot(&self, key: K) -> Arc<Slot<V>> {
        let mut slots = self.lock();
        slots.retain(|_, slot| slot.strong_count() > 0);
        if let Some(slot) = slots.get(&key).and_then(Weak::upgrade) {
            return slot;
        }
        let slot = Arc::default();
        slots.insert(key, Arc::downgrade(&slot));
        slot
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Weak<Slot<V>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K, V> Default for OneAtATime<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K, V> fmt::Debug for OneAtATime<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneAtATime")
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use futures::FutureExt;
    use futures::future::join_all;
    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn many_who_ask_at_once_share_what_one_makes() {
        let (work, made) = (OneAtATime::default(), AtomicUsize::new(0));
        let make = |key: u8| {
            work.get(key, async {
                sleep(Duration::from_secs(1)).await;
                Ok(made.fetch_add(1, Ordering::SeqCst))
            })
        };
        let values: Vec<_> = join_all((0..50).map(|_| make(1))).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(values, [0; 50]);
        // Whoever asks later begins anew, and another key is other work.
        assert_eq!((make(1).await.unwrap(), make(2).await.unwrap()), (1, 2));
        assert_eq!(work.lock().len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn all_who_waited_get_the_failure_and_the_next_one_tries_again() {
        let work = OneAtATime::<u8, u8>::default();
        let fail = || {
            work.get(1, async {
                sleep(Duration::from_secs(1)).await;
                Err(Error::ShuttingDown)
            })
        };
        assert!(join_all([fail(), fail(), fail()]).await.iter().all(Result::is_err));
        assert_eq!(work.get(1, async { Ok(7) }).await.unwrap(), 7);
    }

    #[tokio::test(start_paused = true)]
    async fn when_the_one_who_works_gives_up_the_next_one_works() {
        let work = OneAtATime::<u8, u8>::default();
        let mut first = Box::pin(work.get(1, pending()));
        assert!(first.as_mut().now_or_never().is_none());
        let second = work.get(1, async { Ok(2) });
        let giving_up = async {
            sleep(Duration::from_secs(1)).await;
            drop(first);
        };
        assert_eq!(tokio::join!(second, giving_up).0.unwrap(), 2);
    }
}
