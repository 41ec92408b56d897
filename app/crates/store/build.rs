//! A new migration must rebuild what embeds them; the macro alone does not notice.
fn main() {
    println!("cargo:rerun-if-changed=../../../migrations");
}
