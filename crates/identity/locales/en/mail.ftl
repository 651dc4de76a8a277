# The mails. Each has a subject and a body, whose paragraphs are separated by blank lines.
#
# $portal    the portal's name            $url      the sign-in page
# $email     the login, an email address  $contact  how the SOC is reached
# $password  a temporary password         $minutes  for how many minutes it is valid
# $token     token-named or token-unnamed $time     when something happened
# $name      a token's name               $ending   the end of a Credential ID

mail-greeting = Hello,

mail-closing =
    This message was sent automatically by { $portal }. Please do not reply to it.

    SOC: { $contact }

token-named = “{ $name }” (Credential ID ending in { $ending })
token-unnamed = the credential whose ID ends in { $ending }

new-user-subject = Your temporary password for { $portal }
new-user-body =
    You asked to set up your login { $email } for { $portal }. This is your temporary password:

    { $password }

    It is valid for { $minutes ->
        [one] one minute
       *[other] { $minutes } minutes
    } and can be used once. Open { $url }, type your email address, type the temporary password in the Password field, and click Login. You will then choose a password of your own.

    If your service requires a VIP token, have it at hand: you will be asked for its Credential ID and for two security codes.

    If you did not ask for this, you can ignore this message: without the temporary password nobody can set up your login. Never give it to anyone. The SOC will not ask you for it.

forgot-password-subject = Your temporary password for { $portal }
forgot-password-body =
    You asked for a new password for your login { $email } to { $portal }. This is your temporary password:

    { $password }

    It is valid for { $minutes ->
        [one] one minute
       *[other] { $minutes } minutes
    } and can be used once. Open { $url }, type your email address, type the temporary password in the Password field, and click Login. You will then choose a new password. If you sign in with a VIP token, you need it for this too.

    Until then your present password stays valid. If you did not ask for this, you can ignore this message. Never give the temporary password to anyone. The SOC will not ask you for it.

register-credential-subject = Your temporary password for registering your VIP token
register-credential-body =
    Your login { $email } to { $portal } now requires a VIP token, and none is registered yet. This is the temporary password that lets you register it:

    { $password }

    It is valid for { $minutes ->
        [one] one minute
       *[other] { $minutes } minutes
    } and can be used once. Open { $url }, type your email address, type the temporary password in the Password field instead of your own, and click Login. You will be asked to choose a password, and then for the Credential ID of your VIP token and for two security codes.

    This message was sent because someone typed your right password. If it was not you, contact the SOC at once. Never give the temporary password to anyone. The SOC will not ask you for it.

has-login-subject = You already have a login to { $portal }
has-login-body =
    Someone asked to set up a login for { $email } on the New User page of { $portal }. You already have one: sign in with your password at { $url }.

    If you no longer know your password, click Forgot password on that page. If it was not you who asked, there is nothing you need to do.

password-changed-subject = Your password for { $portal } was changed
password-changed-body =
    The password of your login { $email } to { $portal } was changed on { $time }.

    If you changed it, there is nothing you need to do. If you did not, contact the SOC at once.

credential-registered-subject = A VIP token was registered for { $portal }
credential-registered-body =
    On { $time } a VIP token was registered for your login { $email } to { $portal }: { $token }.

    If you registered it, there is nothing you need to do. If you did not, contact the SOC at once.

credential-renamed-subject = A VIP token for { $portal } was renamed
credential-renamed-body =
    On { $time } a VIP token of your login { $email } to { $portal } was given another name. It is now { $token }.

    If you renamed it, there is nothing you need to do. If you did not, contact the SOC at once.

credential-removed-subject = A VIP token was removed for { $portal }
credential-removed-body =
    On { $time } a VIP token of your login { $email } to { $portal } was removed: { $token }. Its security codes no longer sign you in.

    If you removed it, there is nothing you need to do. If you did not, contact the SOC at once.

credential-lost-subject = Your VIP token for { $portal } was reported lost
credential-lost-body =
    On { $time } a VIP token of your login { $email } to { $portal } was reported lost: { $token }. Its security codes no longer work, and every session that was signed in to with it has ended.

    If you have no other VIP token, contact the SOC for a new one: without one you can't sign in. If it was not you who reported it, tell them so at once.

credential-locked-subject = Your VIP token for { $portal } was locked
credential-locked-body =
    On { $time } a VIP token of your login { $email } to { $portal } was locked, because too many wrong security codes in a row were typed: { $token }.

    You can't sign in with it until the SOC has unlocked it. Please contact the SOC. If it was not you who typed the codes, tell them so: whoever did knew your password.

# The SOC has issued a bridging code.
bridging-code-subject = A bridging code for { $portal } was issued
bridging-code-body =
    On { $time } the SOC issued a bridging code for your login { $email } to { $portal }. For a short while it lets you sign in without your VIP token to services that do not require one. The SOC gives it to you in person; it is never sent by mail.

    If you did not ask for it, contact the SOC at once.
