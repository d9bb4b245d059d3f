//! What a start refuses of `[mail]`, `[sms]` and `[contacts]`.

use counterfoil::config::{Config, MailTransport, SmsTransport};

fn load(text: &str) -> Result<Config, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("counterfoil.toml");
    std::fs::write(&path, text).unwrap();
    Config::load(Some(&path)).and_then(|config| config.check().map(|()| config)).map_err(|e| format!("{e:#}"))
}

#[test]
fn a_whole_configuration_is_read_and_secrets_are_not_shown() {
    let config = load(
        "[contacts]\nrequired = true\n\
         [mail]\ntransport = \"smtp\"\nhost = \"mail.example\"\ntls = \"tls\"\nlogin = \"me\"\npassword = \"swordfish\"\n\
         from = \"Support <support@tickets.example>\"\n\
         [sms]\ntransport = \"http\"\nurl = \"https://sms.example/send\"\nsuccess_pointer = \"/code\"\nsuccess_value = \"0\"\n\
         [sms.headers]\nAuthorization = \"Bearer swordfish\"\n[sms.templates]\nverify_code = \"SMS_001\"\n",
    )
    .unwrap();
    assert!(config.contacts.required);
    assert_eq!((config.mail.transport, config.mail.port()), (MailTransport::Smtp, 465));
    assert_eq!(config.sms.transport, SmsTransport::Http);
    assert!(!format!("{config:?}").contains("swordfish"));
}

#[test]
fn what_cannot_work_is_refused_before_the_start() {
    for (text, words) in [
        ("[mail]\ntransport = \"pigeon\"", "unknown variant"),
        ("[mail]\ntransport = \"smtp\"", "mail.host names no mail server"),
        ("[mail]\ntransport = \"file\"\nfrom = \"nobody\"", "mail.from is \"nobody\""),
        ("[mail]\ntransport = \"smtp\"\nhost = \"x\"\ntimeout_seconds = 60", "mail.timeout_seconds must be 1 to 20"),
        ("[mail]\ntransport = \"smtp\"\nhost = \"x\"\nlogin = \"me\"\ntls = \"none\"", "without encryption"),
        ("[mail]\nhots = \"x\"", "unknown field"),
        ("[sms]\ntransport = \"http\"", "sms.url is not an http or https URL"),
        ("[sms]\ntransport = \"http\"\nurl = \"ftp://x\"", "sms.url is not an http or https URL"),
        ("[sms]\ntransport = \"http\"\nurl = \"http://x/{{phon}}\"", "sms.url: there is no value called \"phon\""),
        ("[sms]\ntransport = \"http\"\nurl = \"http://x\"\nbody = \"{{text\"", "sms.body: a {{ without its }}"),
        ("[sms]\ntransport = \"http\"\nurl = \"http://x\"\nbody = \"to {{phone}}\"", "sms.body is not JSON"),
        ("[sms]\ntransport = \"http\"\nurl = \"http://x\"\nmethod = \"post\"", "sms.method must be POST, PUT or GET"),
        ("[sms]\ntransport = \"http\"\nurl = \"http://x\"\ntimeout_seconds = 0", "sms.timeout_seconds must be 1 to 30"),
        (
            "[sms]\ntransport = \"http\"\nurl = \"http://x\"\nsuccess_pointer = \"code\"",
            "sms.success_pointer is a JSON",
        ),
        ("[sms]\ntransport = \"http\"\nurl = \"http://x\"\n[sms.headers]\n\"a b\" = \"c\"", "sms.headers.a b is not"),
        ("[contacts]\nguesses = 0", "contacts.guesses must be more than 0"),
    ] {
        let error = load(text).unwrap_err();
        assert!(error.contains(words), "{text}: {error}");
    }
}
