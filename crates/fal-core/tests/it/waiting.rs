//! When the next attempt is made. Time is paused and nothing touches a socket.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use fal_core::{Delivery, ErrorKind, FalApi, HttpTransport, Recovery, ResponseBody, RetryPolicy, TransportError};
use futures::stream;
use tokio::time::Instant;

use crate::fal_at::{accepted, endpoint, input, over};
use crate::scripted::{Exchange, ScriptedTransport, answered, failed};

const STEADY: fn() -> RetryPolicy = || RetryPolicy { jitter: false, ..RetryPolicy::default() };

#[tokio::test(start_paused = true)]
async fn an_unreachable_host_is_tried_three_times_after_one_and_two_seconds() {
    let transport = Arc::new(ScriptedTransport::new((0..3).map(|_| failed(Delivery::NotSent))));
    let began = Instant::now();
    let error = over(&transport, STEADY()).submit(&endpoint(), &input()).await.unwrap_err();
    assert_eq!((error.kind(), error.recovery()), (ErrorKind::Unreachable, Recovery::Later));
    assert_eq!((transport.exchanges(), began.elapsed()), (3, Duration::from_secs(3)));
}

#[tokio::test(start_paused = true)]
async fn a_submit_that_may_have_arrived_is_not_waited_for() {
    let transport = Arc::new(ScriptedTransport::new([failed(Delivery::NotSent), failed(Delivery::Unknown)]));
    let began = Instant::now();
    let error = over(&transport, STEADY()).submit(&endpoint(), &input()).await.unwrap_err();
    assert_eq!(error.recovery(), Recovery::Reconcile);
    assert_eq!((transport.exchanges(), began.elapsed()), (2, Duration::from_secs(1)));
}

#[tokio::test(start_paused = true)]
async fn jitter_stays_within_a_half() {
    for _ in 0..20 {
        let transport = Arc::new(ScriptedTransport::new((0..3).map(|_| failed(Delivery::Unknown))));
        let client = over(&transport, RetryPolicy::default());
        let began = Instant::now();
        client.status(&accepted(&client)).await.unwrap_err();
        let waited = began.elapsed().as_secs_f64();
        assert!((1.5..=4.51).contains(&waited), "{waited} s");
    }
}

#[tokio::test(start_paused = true)]
async fn no_attempt_begins_after_the_deadline() {
    let policy = RetryPolicy { max_attempts: 100, deadline: Duration::from_secs(10), ..STEADY() };
    // After 0, 1, 3 and 7 s; the next would begin after 15 s.
    let transport = Arc::new(ScriptedTransport::new((0..4).map(|_| answered(503, ""))));
    let client = over(&transport, policy);
    let error = client.status(&accepted(&client)).await.unwrap_err();
    assert_eq!((error.kind(), transport.exchanges()), (ErrorKind::Interrupted, 4));
}

/// Never answers, or answers and then never brings the body.
#[derive(Debug)]
struct Silent {
    headers_come: bool,
}

#[async_trait::async_trait]
impl HttpTransport for Silent {
    async fn send(&self, _: http::Request<Bytes>) -> Exchange {
        if self.headers_come {
            return Ok(http::Response::new(ResponseBody::new(stream::pending())));
        }
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn an_attempt_ends_after_thirty_seconds_wherever_it_stalls() {
    for headers_come in [false, true] {
        let transport = Arc::new(Silent { headers_come });
        let client = over(&transport, STEADY());
        let began = Instant::now();
        assert_eq!(client.submit(&endpoint(), &input()).await.unwrap_err().recovery(), Recovery::Reconcile);
        assert_eq!(began.elapsed(), Duration::from_secs(30));

        let began = Instant::now();
        let error = client.status(&accepted(&client)).await.unwrap_err();
        assert_eq!((error.kind(), began.elapsed()), (ErrorKind::Interrupted, Duration::from_secs(93)));
    }
}

#[tokio::test(start_paused = true)]
async fn an_endless_answer_ends_at_the_limit() {
    let endless = || {
        let piece = || Ok::<_, TransportError>(Bytes::from_static(&[b' '; 1 << 20]));
        Ok(http::Response::new(ResponseBody::new(stream::repeat_with(piece))))
    };
    let transport = Arc::new(ScriptedTransport::new((0..4).map(|_| endless())));
    let client = over(&transport, STEADY());
    let error = client.result(&accepted(&client)).await.unwrap_err();
    assert_eq!((error.kind(), transport.exchanges()), (ErrorKind::Interrupted, 3));
    let error = client.submit(&endpoint(), &input()).await.unwrap_err();
    assert_eq!((error.recovery(), transport.exchanges()), (Recovery::Reconcile, 4));
}
