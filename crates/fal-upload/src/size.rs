//! Sizes as people read them.

/// A number of bytes, exact: in MiB or KiB where it is a whole number of them.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0 => "0 bytes".to_owned(),
        whole if whole.is_multiple_of(1 << 20) => format!("{} MiB", whole >> 20),
        whole if whole.is_multiple_of(1 << 10) => format!("{} KiB", whole >> 10),
        _ => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_never_rounded() {
        let table = [(0, "0 bytes"), (1023, "1023 bytes"), (1 << 10, "1 KiB"), (1537 << 10, "1537 KiB")];
        let large = [(5 << 30, "5120 MiB"), ((5 << 30) + 1, "5368709121 bytes")];
        for (bytes, said) in table.into_iter().chain(large) {
            assert_eq!(size(bytes), said);
        }
    }
}
