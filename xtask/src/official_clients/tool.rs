//! The programs that Rust does not bring, and how to get them.

use std::process::Command;

/// A program that has to be there.
struct Tool {
    program: &'static str,
    /// Makes it print its version, and fail where a part of it is missing.
    asking: &'static [&'static str],
    /// The oldest version that will do, as major and minor.
    least: (u32, u32),
}

const TOOLS: [Tool; 3] = [
    Tool {
        program: "python3",
        asking: &["-c", "import ensurepip, platform, venv; print(platform.python_version())"],
        least: (3, 10),
    },
    Tool { program: "node", asking: &["--version"], least: (18, 17) },
    Tool { program: "npm", asking: &["--version"], least: (9, 0) },
];

const HOW_TO: &str = "Install Python 3.10 with venv and Node.js 18.17 with npm, or newer ones, then run this again; \
                      on Debian: `apt-get install python3-venv nodejs npm`.";

/// Everything that is missing, in one message.
pub(super) fn require() -> Result<(), String> {
    let missing: Vec<String> = TOOLS.iter().filter_map(|tool| complaint(tool, &version(tool))).collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("{} {HOW_TO}", missing.join(" "))) }
}

/// What a program says of its version; empty where it is not there.
pub(super) fn version_of(program: &str) -> String {
    TOOLS.iter().find(|tool| tool.program == program).map(version).unwrap_or_default()
}

fn version(tool: &Tool) -> String {
    let answer = Command::new(tool.program).args(tool.asking).output();
    let answer = answer.ok().filter(|answer| answer.status.success()).map(|answer| answer.stdout);
    String::from_utf8(answer.unwrap_or_default()).unwrap_or_default().trim().to_owned()
}

fn complaint(Tool { program, least: (major, minor), .. }: &Tool, version: &str) -> Option<String> {
    match parse(version) {
        Some(found) if found >= (*major, *minor) => None,
        Some(_) => Some(format!("{program} is {version}, which is too old.")),
        None => Some(format!("{program} {major}.{minor} or newer is missing, or not complete.")),
    }
}

/// Major and minor of `3.11.7` or `v20.20.2`.
fn parse(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.trim_start_matches('v').split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_version_that_is_new_enough_passes() {
        let node = Tool { program: "node", asking: &[], least: (18, 17) };
        for good in ["v18.17.0", "v18.20.1", "v20.0.0", "24.1"] {
            assert_eq!(complaint(&node, good), None, "{good}");
        }
        assert_eq!(complaint(&node, "v16.20.2").as_deref(), Some("node is v16.20.2, which is too old."));
        assert_eq!(complaint(&node, "v18.9.0").as_deref(), Some("node is v18.9.0, which is too old."));
        for none in ["", "command not found"] {
            let complaint = complaint(&node, none);
            assert_eq!(complaint.as_deref(), Some("node 18.17 or newer is missing, or not complete."), "{none}");
        }
    }
}
