//! Every command with its help, and how the one that was typed is found.

use crate::{advisories, bench, ci, layers, official_clients, test, tidy, torture};

/// Why a command did not succeed.
#[derive(Debug, PartialEq)]
pub(crate) enum Failure {
    /// The command line made no sense; exit code 2.
    Usage(String),
    /// A check found something; exit code 1.
    Check(String),
}

/// What every command returns.
pub(crate) type Outcome = Result<(), Failure>;

/// One line of the help.
struct Command {
    name: &'static str,
    /// The flags it takes; anything else is refused.
    flags: &'static [&'static str],
    help: &'static str,
    run: fn(&[String]) -> Outcome,
}

const COMMANDS: &[Command] = &[
    Command { name: "test", flags: &[], help: "all tests of the workspace, doc tests included", run: |_| test::run() },
    Command {
        name: "ci",
        flags: &[ci::SKIP_TESTS],
        help: "everything a change has to pass; --skip-tests leaves the tests out",
        run: ci::run,
    },
    Command {
        name: "official-clients",
        flags: &[],
        help: "fal's own clients against the emulator (needs Python and Node.js)",
        run: |_| official_clients::run(),
    },
    Command {
        name: "bench",
        flags: &[bench::EMULATOR, bench::CLIENT, bench::UPLOAD, bench::DOMAIN, bench::QUEUE, bench::SMALL],
        help: "figures of this machine: emulator, domain, queue; client and upload need Python and Node.js",
        run: bench::run,
    },
    Command {
        name: "torture",
        flags: &[torture::SMALL],
        help: "kills processes that make videos and looks at the bill; --small kills fewer",
        run: torture::run,
    },
    Command { name: "layers", flags: &[], help: "who may depend on whom", run: |_| layers::run() },
    Command {
        name: "tidy",
        flags: &[],
        help: "opening lines, code map, READMEs, links, left-overs",
        run: |_| tidy::run(),
    },
    Command {
        name: "advisories",
        flags: &[],
        help: "known weaknesses of the dependencies (needs a network)",
        run: |_| advisories::run(),
    },
];

/// Runs the command that `arguments` name.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let (command, flags) = find(arguments)?;
    (command.run)(flags)
}

fn find(arguments: &[String]) -> Result<(&'static Command, &[String]), Failure> {
    let Some((name, flags)) = arguments.split_first() else {
        return Err(Failure::Usage(help()));
    };
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        return Err(Failure::Usage(format!("There is no command \"{name}\".\n\n{}", help())));
    };
    if let Some(unknown) = flags.iter().find(|flag| !command.flags.contains(&flag.as_str())) {
        let known = if command.flags.is_empty() { "none".to_owned() } else { command.flags.join(", ") };
        return Err(Failure::Usage(format!("`cargo xtask {name}` does not know \"{unknown}\"; its flags: {known}.")));
    }
    Ok((command, flags))
}

fn help() -> String {
    let lines: Vec<String> =
        COMMANDS.iter().map(|command| format!("  cargo xtask {:<16} {}", command.name, command.help)).collect();
    format!("Commands:\n{}", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(arguments: &[&str]) -> String {
        let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
        match find(&arguments) {
            Err(Failure::Usage(message)) => message,
            Err(Failure::Check(message)) => panic!("a usage error was expected, not: {message}"),
            Ok((command, _)) => panic!("{arguments:?} found {}", command.name),
        }
    }

    #[test]
    fn no_argument_lists_every_command_with_its_help() {
        let message = refusal(&[]);
        for command in COMMANDS {
            assert!(message.contains(command.name) && message.contains(command.help), "{message}");
        }
    }

    #[test]
    fn an_unknown_command_is_named_and_the_known_ones_are_listed() {
        let message = refusal(&["tset"]);
        assert!(message.contains("\"tset\"") && message.contains("cargo xtask test"), "{message}");
    }

    #[test]
    fn an_unknown_flag_is_refused_with_the_known_ones() {
        let message = refusal(&["ci", "--skip-test"]);
        assert!(message.contains("\"--skip-test\"") && message.contains("--skip-tests"), "{message}");
        assert!(refusal(&["test", "--release"]).contains("none"));
    }

    #[test]
    fn the_readme_shows_the_same_help() {
        let readme = include_str!("../README.md");
        for command in COMMANDS {
            let line = format!("cargo xtask {:<16} {}\n", command.name, command.help);
            assert!(readme.contains(&line), "xtask/README.md lacks the line: {line}");
        }
    }
}
