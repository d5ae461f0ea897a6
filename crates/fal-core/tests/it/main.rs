//! fal-core as its callers see it: over real sockets wherever a socket can make a difference.

/// A server that reads requests off a socket and answers, cuts or ignores them as it is told. Counts what arrived.
mod raw_server;
/// A transport that answers from a list: for time, for endless bodies, and for every body there can be.
mod scripted;
/// A fal that is well, ill or silent, as the test says.
mod moody;
/// Clients pointed at a server of the test.
mod fal_at;
/// fal's side of a webhook: signs deliveries and publishes its keys.
mod signer;

/// Answers that come piece by piece over time.
mod event_script;

/// What arrives when: a submit that may have arrived is never sent twice.
mod submit_once;
/// Reads are repeated until they succeed or the limit is reached.
mod reads;
/// When the next attempt is made, in paused time.
mod waiting;
/// What is not sent at all: circuits that open, half-open and close.
mod breakers;
/// How many submits arrive while circuits and budgets say no.
mod unsent;
/// How many connections, over what protocol, through what proxy, and to what backup.
mod connections;
/// Paths, headers, bodies: what fal sees of a call, and what we see of its answers.
mod wire;
/// What a submit says besides its input.
mod options;
/// Watching a request to its end, by streams and by polls.
mod watch;
/// Hundreds of streams on few HTTP/2 connections, over TLS.
mod multiplexing;
/// Whole generations on the emulator, through faults, and in another process.
mod generations;
/// Cancelling: fal's four answers.
mod cancel;
/// Calls past the queue.
mod direct;
/// What fal's error answers become.
mod refusals;
/// A submit that was accepted and whose answer cannot be read.
mod accepted;
/// The key stays on the configured hosts.
mod trust;
/// Files from the CDN.
mod downloads;
/// Files that break off and go on.
mod resumed_downloads;
/// What is printed never shows the key, a signed address or a prompt.
mod secrets;
/// Whatever fal answers, there is no panic, and only proof counts as a refusal.
mod any_answer;
/// What fal is known to send, as the emulator's captures have it.
mod captures;

/// Webhooks: only what fal signed, for this account, just now.
mod webhooks;
/// fal's public keys: fetched once, kept, fetched anew when none fits.
mod webhook_keys;
/// Whatever is delivered, there is no panic, and only what is signed is believed.
mod any_delivery;
/// The platform API: what is asked, and what is read from the answers.
mod platform;
/// Whatever the platform API answers, there is no panic, and half a list never passes for the whole.
mod any_platform_answer;
/// Finding a submit whose answer was lost.
mod rescue;
