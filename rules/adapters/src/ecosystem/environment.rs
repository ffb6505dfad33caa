//! The environment tools are run in: what is set, and which variables may say where things are.

use engine::Command;

/// What any tool may be told: where it finds programs, its own files, and the way to the network.
const WHERE: [&str; 22] = [
    "PATH",
    "HOME",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "SYSTEMROOT",
    "PYENV_ROOT",
    "NVM_DIR",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "NODE_EXTRA_CA_CERTS",
];

/// A command that starts at the top of the scratch folder, with a language and a clock that are the same everywhere.
/// Temporary files go to the folder its runner gives it.
pub(super) fn command(argv: Vec<String>, env: &[(&str, &str)], places: &[&str]) -> Command {
    let constant = [("LC_ALL", "C.UTF-8"), ("TZ", "UTC"), ("SOURCE_DATE_EPOCH", EPOCH)];
    Command {
        argv,
        env: constant
            .iter()
            .chain(env)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        pass_env: WHERE
            .iter()
            .chain(places)
            .map(|name| (*name).to_owned())
            .collect(),
        ..Command::default()
    }
}

/// A constant shell script with its arguments.
pub(super) fn script(script: &str, arguments: impl IntoIterator<Item = String>) -> Vec<String> {
    let head = ["sh", "-euc", script, "sh"].into_iter().map(str::to_owned);
    head.chain(arguments).collect()
}

/// 1980-01-01, the first day a ZIP archive can speak of. Not the commit's time, which would change every key.
const EPOCH: &str = "315532800";
