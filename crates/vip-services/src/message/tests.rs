use super::*;
use crate::status::Code;

fn code(text: &str) -> SecurityCode {
    SecurityCode::parse(text).unwrap()
}

fn id() -> RequestId {
    RequestId::new([7; 16])
}

fn credential() -> NewCredential {
    let friendly_name = Some("Bob's <\"token\"> & more".to_owned());
    NewCredential { id: "SYMC12345678".into(), kind: CredentialType::StandardOtp, friendly_name }
}

fn operations() -> Vec<Operation> {
    let user_id = || "0a1b".to_owned();
    vec![
        Operation::CreateUser { user_id: user_id() },
        Operation::UpdateUser { user_id: user_id(), status: Some(UserStatus::Active) },
        Operation::AddCredential {
            user_id: user_id(),
            credential: credential(),
            codes: (code("081804"), Some(code("050471"))),
        },
        Operation::UpdateCredential { user_id: user_id(), credential: credential() },
        Operation::RemoveCredential {
            user_id: user_id(),
            credential_id: "SYMC12345678".into(),
            kind: CredentialType::StandardOtp,
        },
        Operation::AuthenticateUser { user_id: user_id(), code: code("081804") },
        Operation::GetUserInfo { user_id: user_id() },
        Operation::GetServerTime,
        Operation::Synchronize {
            credential_id: "SYMC12345678".into(),
            codes: (code("081804"), code("050471")),
        },
    ]
}

#[test]
fn what_one_side_writes_the_other_reads() {
    for operation in operations() {
        for on_behalf_of in [None, Some("Acme123".to_owned())] {
            let request = Request { id: id(), on_behalf_of, operation: operation.clone() };
            let written = request.write();
            let read =
                Request::read(written.as_bytes()).unwrap_or_else(|error| panic!("{error}: {}", *written));
            assert_eq!(*read.write(), *written);
            assert_eq!(read.on_behalf_of, request.on_behalf_of);
        }
    }
}

#[test]
fn zeros_and_marks_arrive_as_they_were_typed() {
    let request = Request { id: id(), on_behalf_of: None, operation: operations().swap_remove(2) };
    let written = request.write();
    assert!(written.contains("<v:otp>081804</v:otp><v:otp2>050471</v:otp2>"));
    assert!(!written.contains("<\"token\">"));
    let Operation::AddCredential { credential, codes, .. } =
        Request::read(written.as_bytes()).unwrap().operation
    else {
        panic!("another operation");
    };
    assert_eq!(credential.friendly_name, self::credential().friendly_name);
    assert_eq!(codes.0.expose(), "081804");
}

#[test]
fn requests_are_read_in_their_order_alone() {
    let written = Request { id: id(), on_behalf_of: None, operation: operations().swap_remove(5) }.write();
    let (user, codes) = ("<v:userId>0a1b</v:userId>", "<v:otpAuthData><v:otp>081804</v:otp></v:otpAuthData>");
    assert!(written.contains(&format!("{user}{codes}")));
    for changed in [
        written.replace(&format!("{user}{codes}"), &format!("{codes}{user}")),
        written.replace(user, ""),
        written.replace(user, &user.repeat(2)),
        written.replace(codes, &format!("{codes}<v:pin>1234</v:pin>")),
        written.replace(USER_SERVICES, "https://schemas.vip.symantec.com"),
        written.replace("v:userId", "soapenv:userId"),
    ] {
        assert_eq!(Request::read(changed.as_bytes()).err(), Some(Malformed::Shape), "{changed}");
    }
    let short = written.replace(id().as_str(), "R_1");
    assert_eq!(Request::read(short.as_bytes()).err(), Some(Malformed::Value));
}

#[test]
fn request_ids_have_no_hyphens_and_are_4_to_40_long() {
    let id = id();
    assert!((4..=40).contains(&id.as_str().len()) && !id.as_str().contains('-'));
    assert_eq!(RequestId::parse(id.as_str()), Some(id));
    for text in ["", "abc", "a-b-c-d", "ä1234", &"x".repeat(41)] {
        assert_eq!(RequestId::parse(text), None, "{text}");
    }
}

#[test]
fn a_code_is_never_printed() {
    let written = format!("{:?}", operations());
    assert!(!written.contains("081804") && !written.contains("050471"), "{written}");
}

fn response(answer: Answer) -> Response {
    Response {
        request_id: id(),
        status: Code::SUCCESS,
        status_message: "success".into(),
        detail: None,
        detail_message: None,
        answer,
    }
}

#[test]
fn answers_are_read_back() {
    let binding = Binding {
        credential_id: "SYMC12345678".into(),
        kind: CredentialType::StandardOtp,
        enabled: true,
        friendly_name: Some("mine".into()),
    };
    for operation in operations() {
        let answer = match operation {
            Operation::AuthenticateUser { .. } => Answer::Authenticated {
                credential_id: Some("SYMC12345678".into()),
                kind: Some(CredentialType::SmsOtp),
                authn_id: Some("A1".into()),
            },
            Operation::GetUserInfo { .. } => Answer::User {
                user_id: Some("0a1b".into()),
                status: Some(UserStatus::Locked),
                bindings: vec![binding.clone(), Binding { enabled: false, ..binding.clone() }],
            },
            Operation::GetServerTime => Answer::Time("2026-11-25T00:00:00Z".into()),
            _ => Answer::Nothing,
        };
        let response = response(answer);
        let written = response.write(operation.name());
        assert_eq!(Response::read(written.as_bytes(), &operation), Ok(response), "{written}");
    }
}

#[test]
fn an_answer_as_the_service_spells_it() {
    let written = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\">\
         <S:Body><AuthenticateUserResponse xmlns=\"https://schemas.symantec.com/vip/2011/04/vipuserservices\">\
         <requestId>abcd_1</requestId><status>6009</status><statusMessage>Authentication failed.</statusMessage>\
         <detail>49b5</detail><detailMessage>Failed with an invalid OTP</detailMessage><news>from a later version</news>\
         </AuthenticateUserResponse></S:Body></S:Envelope>";
    let operation = operations().swap_remove(5);
    let read = Response::read(written.as_bytes(), &operation).unwrap();
    assert_eq!((read.status.to_string(), read.detail.unwrap().to_string()), ("6009".into(), "49B5".into()));
    let twins = written.replace("<detail>", "<status>0000</status><detail>");
    assert_eq!(Response::read(twins.as_bytes(), &operation), Err(Malformed::Shape));
    let other = operations().swap_remove(0);
    assert_eq!(Response::read(written.as_bytes(), &other), Err(Malformed::Shape));
    let hex = written.replace("6009", "00000");
    assert_eq!(Response::read(hex.as_bytes(), &operation), Err(Malformed::Value));
}

#[test]
fn what_xml_can_do_beyond_elements_and_text_is_refused() {
    let operation = operations().swap_remove(0);
    let good = response(Answer::Nothing).write("CreateUser");
    assert!(Response::read(good.as_bytes(), &operation).is_ok());
    let deep = good.replace("success", &format!("{}{}", "<v:a>".repeat(100_000), "</v:a>".repeat(100_000)));
    let attributes: String = (0..1_000).map(|n| format!(" a{n}=\"\"")).collect();
    let declared: String = (0..1_000).map(|n| format!(" xmlns:a{n}=\"urn:x\"")).collect();
    for (document, refused) in [
        (format!("<!DOCTYPE a [<!ENTITY b \"c\">]>{good}"), Malformed::Forbidden),
        (good.replace("success", "&b;"), Malformed::Forbidden),
        (good.replace("success", "&#0;"), Malformed::Xml),
        (format!("{good}<?php evil?>"), Malformed::Forbidden),
        (format!("{good}{good}"), Malformed::Xml),
        (deep, Malformed::Long),
        (
            good.replace("success", &format!("{}{}", "<v:a>".repeat(20), "</v:a>".repeat(20))),
            Malformed::Large,
        ),
        (good.replace("success", &"<v:a/>".repeat(3_000)), Malformed::Large),
        (good.replace("<v:status>", &format!("<v:status{attributes}>")), Malformed::Large),
        (good.replace("<v:status>", &format!("<v:status{declared}>")), Malformed::Xml),
        (good.replace("success", &"x".repeat(LIMIT)), Malformed::Long),
        (good.replace("</v:status>", "</v:detail>"), Malformed::Xml),
        (good.replace("<v:status>", "<w:status>"), Malformed::Xml),
        (good.chars().take(good.len() - 9).collect(), Malformed::Xml),
        (String::new(), Malformed::Xml),
    ] {
        let short: String = document.chars().take(200).collect();
        assert_eq!(Response::read(document.as_bytes(), &operation), Err(refused), "{short}");
    }
    let bytes: Vec<u8> = good.bytes().chain([0xff]).collect();
    assert_eq!(Response::read(&bytes, &operation), Err(Malformed::Xml));
    let fault = good.replace("v:CreateUserResponse", "soapenv:Fault");
    assert_eq!(Response::read(fault.as_bytes(), &operation), Err(Malformed::Fault));
}
