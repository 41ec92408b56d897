//! Pages with forms: sign-in, setup, and a new client whose first post failed.

use kit::frame::{Blank, Crumb, Shell};
use kit::*;
use leptos::prelude::*;

pub fn sign_in() -> impl IntoView {
    view! {
        <Blank title="Sign in">
            <Form action="/do/sign_in">
                <TextField name="email" label="Email" kind="email" required=true autocomplete="username" autofocus=true />
                <TextField name="password" label="Password" kind="password" required=true autocomplete="current-password" />
                <Button look=ButtonStyle::Primary>"Sign in"</Button>
            </Form>
            <p class="text-sm text-fg-2"><a class="link" href="/forgot">"Forgot your password?"</a></p>
        </Blank>
    }
}

pub fn setup() -> impl IntoView {
    let check = |tone, name: &'static str, text: &'static str| {
        view! { <li class="flex items-start gap-3 px-4 py-3"><span class="mt-0.5"><StatusIcon tone=tone size=16 label="state" /></span><span class="flex flex-col"><span class="font-medium">{name}</span><span class="text-sm text-fg-2">{text}</span></span></li> }
    };
    view! {
        <Blank title="Is everything in place?" text="Slipway looked at what it needs. You can go on with warnings and mend them later." wide=true>
            <Card flush=true>
                <ul class="divide-y divide-line">
                    {check(Tone::Ok, "Database", "PostgreSQL 15, 12 migrations applied")}
                    {check(Tone::Ok, "Encryption key", "Loaded; self-test passed")}
                    {check(Tone::Warn, "Mail", "No SMTP server is set, so invitations show a link to copy instead.")}
                    {check(Tone::Failed, "Public address", "PUBLIC_URL does not answer from here. Set it to the address people use.")}
                </ul>
            </Card>
            <div class="flex gap-2"><ButtonLink href="#" look=ButtonStyle::Primary>"Explore the demo"</ButtonLink><ButtonLink href="#">"Start clean"</ButtonLink></div>
        </Blank>
    }
}

pub fn new_client(theme: &str) -> impl IntoView {
    let frame = crate::agency(
        theme,
        "/a/harbor/provisioning/new",
        vec![Crumb::link("Jobs", "#"), Crumb::current("New client")],
    );
    let filled = Filled {
        errors: vec![
            ("phone".into(), "Give the phone with its country code, such as +44 20 7946 0018.".into()),
            ("postal_code".into(), "This is not a UK postal code.".into()),
        ],
        values: [("name", "Bright Dental"), ("phone", "020 7946"), ("postal_code", "ABC"), ("snapshot", "2")]
            .into_iter()
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .collect(),
        message: None,
    };
    let plan = ["Check plan and credentials", "Validate client data", "Create location", "Wait for snapshot", "Fill values and tags", "Create business and invite owner"]
        .map(|step| view! { <li class="flex items-center gap-2.5 text-sm text-fg-2"><StatusIcon tone=Tone::Waiting />{step}</li> })
        .into_iter()
        .collect_view();
    view! {
        <Shell frame=frame>
            <PageHeader title="New client" meta="Creates a location in HighLevel, fills it from a snapshot and invites the owner.".into_any() />
            <div class="grid items-start gap-8 lg:grid-cols-[minmax(0,40rem)_20rem]">
                <Form action="/do/start_job" filled=filled class="flex flex-col gap-6">
                    <FormSection title="Business">
                        <TextField name="name" label="Name" required=true maxlength=120u32 />
                        <div class="grid gap-4 sm:grid-cols-2">
                            <TextField name="phone" label="Phone" kind="tel" required=true />
                            <TextField name="email" label="Email" kind="email" required=true value="hello@bright.test" help="Invoices and alerts go here." />
                            <TextField name="postal_code" label="Postal code" />
                            <Select name="country" label="Country" choices=vec![Choice::new("GB", "United Kingdom"), Choice::new("US", "United States")] required=true />
                        </div>
                    </FormSection>
                    <FormSection title="Snapshot" help="What the new location starts with.">
                        <Select name="snapshot" label="Snapshot" empty="Choose one" choices=vec![Choice::new("1", "Studio v2"), Choice::new("2", "Dental Pro v7")] required=true />
                        <SecretField name="token" label="Private token" stored="ends in \u{2026}7Q \u{b7} 41 days old" help="Only needed when the agency's own connection may not create locations." />
                        <Checkbox name="invite" label="Invite the owner when everything is ready" checked=true />
                        <TextArea name="note" label="Note" placeholder="Anything the team should know" />
                    </FormSection>
                    <div class="flex gap-2"><Button look=ButtonStyle::Primary>"Create client"</Button><Button novalidate=true name="check" value="1">"Validate"</Button></div>
                </Form>
                <Card title="What will happen" aside=view! { <span class="text-xs text-fg-3">"Usually takes 3\u{2013}5 min"</span> }.into_any()>
                    <ol class="flex flex-col gap-2.5">{plan}</ol>
                </Card>
            </div>
        </Shell>
    }
}
