//! `cargo x <command>`: the one command to build, run, test and inspect the product. It uses only the standard
//! library and our crate `embedded`, so that it starts within seconds on a machine that has never built anything.

mod apt;
mod bench;
mod browser;
mod checks;
mod children;
mod ci;
mod coverage;
mod db;
mod failures;
mod find;
mod former;
mod http;
mod image;
mod journeys;
mod npm;
mod place;
mod python;
mod queries;
mod rerun;
mod run;
mod say;
mod scratch;
mod site;
mod tally;
mod test;
mod tools;
mod torture;
mod up;
mod world;

use std::process::ExitCode;

/// Any failure ends as one sentence on the terminal.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const USAGE: &str = "\
cargo x up [--release] [--port N] [--no-demo] [--fresh]   build and run everything, then print how to sign in
cargo x test [--fast]                                     run every test; --fast skips the browser and torture tests
cargo x journeys [words]                                  run only the browser tests, or those that match the words
cargo x image                                             start what the image holds; run the script of a deployment
cargo x dev                                               rebuild and reload at every change
cargo x ci [--checks]                                     run everything a change must pass; --checks skips tests
cargo x bench [name]                                      run the benchmarks and compare with peers
cargo x bench soak [--minutes N] [--rate R] [--scale S]   run jobs for hours on a faster clock; fail if anything grows
cargo x bench inbox lists [--messages N]                  read an inbox of N messages; a million by default
cargo x fuzz [N]                                          run only the fuzz tests, with N requests and bodies
cargo x torture [--world talk] [--kills N] [--seed S]     kill workers repeatedly; fail on lost or duplicate work
cargo x torture --former REV [--world talk] [--kills N]   the same with every second worker built from that revision
cargo x db reset|migrate|psql [-- ARGS]                   manage the development database
cargo x sqlx                                              regenerate the query descriptions after changing SQL
cargo x where <word>                                      list every file of a feature
";

fn main() -> ExitCode {
    say::begin();
    embedded::process::note_interrupts();
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = words.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    let result = match command {
        "up" => up::up(rest),
        "dev" => up::dev(rest),
        "test" => test::test(rest),
        "journeys" => journeys::run(rest).and_then(test::verdict),
        "image" => image::run(rest).and_then(test::verdict),
        "ci" => ci::ci(rest),
        "bench" => bench::bench(rest),
        "fuzz" => test::fuzz(rest),
        "torture" => torture::torture(rest),
        "db" => db::db(rest),
        "sqlx" => queries::renew(),
        "where" => find::find(rest),
        "" | "help" | "--help" | "-h" => {
            print!("{USAGE}");
            Ok(())
        }
        other => Err(format!("`cargo x {other}` is unknown. There is:\n{USAGE}").into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            let sentence = cause.to_string();
            if !sentence.is_empty() {
                eprintln!("[{}] {sentence}", say::elapsed());
            }
            ExitCode::FAILURE
        }
    }
}
