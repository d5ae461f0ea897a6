//! fal-upload over real HTTP, with real files.

/// fal's two hosts of an upload, and uploaders pointed at them.
mod fal;
/// Uploaders on the emulator, and what has arrived there.
mod emulated;
/// Pictures, made by the encoder itself.
mod pictures;

/// What fal sees of an upload: paths, headers, bytes, and which secret goes where.
mod wire;
/// The same bytes are sent once, whatever their name and whichever process asks.
mod once;
/// Files on their way: whole and in parts, by both of fal's ways, through faults.
mod transfer;
/// Files that have not changed are not read again.
mod unchanged;
/// How long an upload is used.
mod expiry;
/// Files that cannot be used, and what their facts are where they can.
mod files;
/// Readers and data URIs.
mod sources;
/// What is found out about an address before fal is sent there.
mod addresses;
/// What fal's refusals become, and what is done about them.
mod refusals;
