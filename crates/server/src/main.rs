//! The countersign program: everything it does is in the library, where tests reach it.

fn main() -> std::process::ExitCode {
    countersign::command::run()
}
