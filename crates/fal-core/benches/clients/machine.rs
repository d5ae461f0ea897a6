//! On what all this was measured.

use std::fs;
use std::process::Command;

/// Processor, memory, system and compiler, in one sentence.
pub(crate) fn describe() -> String {
    let read = |file: &str| fs::read_to_string(file).unwrap_or_default();
    let of = |text: &str, name: &str| {
        let value = |line: &str| Some(line.strip_prefix(name)?.split_once(':')?.1.trim().to_owned());
        text.lines().find_map(value).unwrap_or_else(|| "unknown".to_owned())
    };
    let processor = of(&read("/proc/cpuinfo"), "model name");
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let kilobytes: f64 = of(&read("/proc/meminfo"), "MemTotal").trim_end_matches(" kB").parse().unwrap_or_default();
    let release = read("/proc/sys/kernel/osrelease");
    let system = format!("Linux {}", release.split('.').take(2).collect::<Vec<_>>().join("."));
    let compiler = Command::new("rustc").arg("--version").output().map(|output| output.stdout).unwrap_or_default();
    let compiler = String::from_utf8_lossy(&compiler).trim().to_owned();
    let gigabytes = kilobytes / 1024.0 / 1024.0;
    format!("{cores} × {processor}, {gigabytes:.0} GiB of memory, {system}, {compiler}")
}
