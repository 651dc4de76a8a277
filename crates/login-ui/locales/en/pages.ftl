# The words of the pages, in English: the customer guide's, where it has any.
# $vendor and $portal are the operator's names; every message may use them.

# Every page
skip = Skip to the form
help-contact = Difficulties logging in? Contact the SOC:
help-plain = Difficulties logging in? Contact the SOC.
supported-browsers = Supported browsers
email-label = Email Address
password-label = Password
language-label = Preferred Language
language-none = No preference
back-to-login = Back to Login
optional = optional

# Login
login-title = Login
login-lead = Sign in with your email address and password.
login-lead-service = Sign in to continue to { $service }.
login-button = Login
login-remember = Remember Me
login-remember-hint = Fills in your email address and language next time on this browser.
login-new-user = New User
login-new-user-lead = First time here?
login-forgot = Forgot password
login-problem = The email address or password is not right. Check both and try again. If this is your first login, choose New User.
login-problem-empty = Type your email address and your password.
login-over = Your login was not finished in time, or was ended. Log in again.
login-register-first = Your accounts now require a VIP token, and none is registered yet. Log in again, and we will mail you what opens the registration.

# New User
new-user-title = New User
new-user-lead = Type your primary email address. If it has been set up for { $portal }, we will send a temporary password to it.
new-user-button = Enter
new-user-sent-title = Check Your Mail
new-user-sent = If the address has been set up for { $portal }, a temporary password is on its way to it. It usually arrives within a minute.
new-user-sent-next = Enter the temporary password in the Password field of the Login page.
new-user-sent-lifetime = It works once, for 60 minutes.
new-user-sent-nothing = Nothing in your mailbox? Look in the spam folder, check that you typed the address you gave to { $vendor }, or contact the SOC.
new-user-go-login = Go to Login
problem-email-empty = Type your email address.

# Forgot password
forgot-title = Forgot Password
forgot-lead = Type your primary email address. We will send a temporary password to it, with which you can choose a new one.
forgot-vip = If your login needs a VIP token, have it at hand: you will be asked for a Security Code too.
forgot-button = Enter

# Create a New Password
new-password-title = Create a New Password
new-password-lead = Choose the password you will log in with from now on.
new-password-hint = At least { $least } characters. A phrase of several words is good. No rules about digits or symbols.
new-password-confirm = Confirm Password
new-password-button = Confirm
problem-password-short = Use at least { $least } characters.
problem-password-long = Use at most { $most } characters.
problem-password-mismatch = The two passwords are not the same. Type both again.
problem-password-common = This password is made of words that attackers try first. Choose another.
problem-password-context = This password is little else than “{ $word }”, which belongs to your login and is easy to guess. Choose another.
problem-password-pattern = This password repeats itself or follows the keyboard, which is easy to guess. Choose another.
problem-password-temporary = This is the temporary password. Choose another.

# Register Credential
register-title = Register { $vendor } Credential
register-lead = Your login needs the VIP token supplied in your Welcome Packet.
register-id = { $vendor } Credential ID
register-id-hint = Four letters and the digits that follow, as shown on the token or in the VIP app.
register-code1 = Security Code 1
register-code1-hint = The code currently displayed on your VIP token.
register-code2 = Security Code 2
register-code2-hint = Wait for the code on your VIP token to change, then enter the new one.
register-name = Token Name
register-name-hint = A name by which you will know this token, such as “Phone”.
register-button = Register
problem-register = The Credential ID and the two Security Codes do not go together. Check the ID, wait for the code to change, then enter two codes in a row. Contact the SOC if it goes on.
problem-register-equal = Both Security Codes are the same. Wait for the code on your VIP token to change, then enter the new one in Security Code 2.
problem-register-empty = Fill in the Credential ID and both Security Codes.

# VIP Authentication
vip-title = VIP Authentication
vip-lead = Enter the Security Code currently displayed on your VIP token.
vip-code = Security Code
vip-code2 = Next Security Code
vip-code2-hint = Wait for the code on your VIP token to change, then enter the new one.
vip-button = Login
problem-vip = That Security Code did not work. Wait for the code on your VIP token to change and try again. Contact the SOC if you have difficulties.
problem-vip-left = { $left ->
    [one] That Security Code did not work. One more wrong code locks your VIP token. Wait for the code on it to change and try again, or contact the SOC.
   *[other] That Security Code did not work. After { $left } more wrong codes your VIP token is locked. Wait for the code on it to change and try again.
}
problem-vip-used = That Security Code has been used already. Wait for the code on your VIP token to change and try again.
problem-vip-used-next = { $seconds ->
    [one] That Security Code has been used already. Your VIP token displays the next one in about a second: enter that one.
   *[other] That Security Code has been used already. Your VIP token displays the next one in about { $seconds } seconds: wait for it and enter that one.
}
problem-vip-empty = Enter the Security Code.
problem-vip-resync = Your VIP token has drifted out of step. Enter the code it displays now, wait for it to change, and enter the next one too.
problem-code-unavailable = The Security Code could not be checked just now. Wait for the code on your VIP token to change and try again. Contact the SOC if it goes on.
problem-code-misconfigured = Security Codes of this VIP token cannot be checked at present. Contact the SOC.

# Multiple Accounts Found
accounts-title = Multiple Accounts Found
accounts-lead = Your email address has several accounts at { $service }.
accounts-legend = Select the organization you want to use for this session.
accounts-button = Login
problem-accounts = Select one of the organizations.

# No account
no-account-title = No Account at This Service
no-account-lead = You have signed in, but { $email } has no account at { $service }.
no-account-why = Accounts are given by email address. Perhaps you subscribe to { $service } with another address, or your account has not been set up yet.
no-account-next = The SOC can tell you which of your addresses has an account, or set one up.
no-account-continue = Return to { $client }

form-post-title = Returning to the Application
form-post-lead = Taking you back to { $client }.
form-post-button = Continue

# What a third party's application says of itself
about-lead = About { $client }
about-logo = Logo of { $client }
about-policy = Privacy policy
about-terms = Terms of use

# Consent
consent-title = Allow Access?
consent-lead = { $client } asks for access with your login.
consent-legend = It would see:
consent-scope-openid = that you are you, under a name made for your login
consent-scope-email = your email address
consent-scope-profile = your name and language
consent-scope-organization = the organization of your account
consent-scope-offline = all this while you are away, until you log out of it
consent-scope-other = { $scope }
consent-goes-to = Your answer is sent to { $host }.
consent-allow = Allow
consent-deny = Deny

# Log out
logout-title = Log Out
logout-lead = Do you want to log out of { $portal } on this browser?
logout-lead-client = { $client } asks to log you out of { $portal } on this browser.
logout-button = Log out
logout-stay = Stay logged in
logged-out-title = You Are Logged Out
logged-out-lead = Your session on this browser has ended.
logged-out-shared = On a shared computer, close the browser too.
logged-out-continue = Continue
logged-out-again = Login again

# Home
home-title = Services
home-lead = Choose the service you want to use.
home-needs-vip = Requires a VIP token
home-needs-password = Requires a password
home-signed-in = Logged in as { $email }
home-none = No services are set up yet.

# My Account and My Tokens
account-title = My Account
account-name = Name
account-accounts = Accounts
tokens-title = My Tokens
tokens-lead = These are the VIP tokens of your login.
tokens-hint = Before a change your password and a Security Code are asked for again, and each change is announced by mail. Your login needs a token: the last one can be reported lost, but not removed.
tokens-none = This login uses no VIP token: its accounts require a password alone.
tokens-bridged = You logged in with a bridging code of the SOC. Your tokens are shown and changed after a security code of your VIP token.
tokens-unnamed = VIP token
tokens-state = State
tokens-since = Registered on
tokens-used = Last used
tokens-is-registered = Registered
tokens-is-locked = Locked: contact the SOC
tokens-is-expired = Expired
tokens-is-assigned = Not registered yet
tokens-is-lost = Reported lost
tokens-add = Add a Token
tokens-add-lead = Register another VIP token that the SOC has assigned to you. Both codes must come from the new token.
tokens-code1-hint = The code currently displayed on the new token.
tokens-code2-hint = Wait for the code on the new token to change, then enter the new one.
problem-tokens-tries = There have been too many tries. Check the Credential ID with the SOC, and try again in ten minutes.
tokens-rename = Rename
tokens-rename-title = Rename Token
tokens-rename-lead = Choose another name for { $token }.
tokens-remove = Remove
tokens-remove-title = Remove Token?
tokens-remove-lead = The Security Codes of { $token } will no longer log you in, and other sessions that were opened with it end.
tokens-remove-next = It stays assigned to you: you can add it again here. If it is not in your hands, report it lost instead.
tokens-last-title = This Is Your Last Token
tokens-last-lead = Your login needs a VIP token, and { $token } is the only one registered. It cannot be removed.
tokens-last-next = Add another one first, report this one lost, or ask the SOC.
tokens-report = Report lost
tokens-report-title = Report Token Lost?
tokens-report-lead = The Security Codes of { $token } stop working at once, and every session that was opened with it ends.
tokens-report-here = You logged in with it: this session ends too.
tokens-report-next = Only the SOC can give you another token. This cannot be undone here.
tokens-reported-title = Token Reported Lost
tokens-reported-lead = The token’s Security Codes no longer work, and the sessions that were opened with it have ended, this one too.
tokens-reported-next = If you have another registered token, log in with it. If not, contact the SOC for a new one.
tokens-added = The token is registered. You can log in with it from now on.
tokens-renamed = The token has its new name.
tokens-removed = The token was removed.
tokens-lost = The token was reported lost. Its Security Codes no longer work.
tokens-back = Back to My Tokens

# The Welcome Packet
packet-title = Welcome Packet
packet-lead = This is your VIP token for { $portal }.
packet-what = It displays Security Codes, each of which works once. Besides your password, such a code shows that it is you who logs in. Keep the token to yourself.
packet-organization = Organization
packet-portal = Portal
packet-soc = SOC
packet-set-up = Setting up your login
packet-step-1 = At the { $login } page, { $url }, click the { $new_user } link.
packet-step-2 = At the { $new_user } page, type your primary email address and click { $enter }.
packet-step-3 = Retrieve the temporary password from your email and enter it in the { $password } field of the { $login } page.
packet-step-4 = Optionally, select your { $language }.
packet-step-5 = If you want your { $email_field } to display automatically the next time you log in, click the { $remember } check box.
packet-step-6 = Click { $login_button }.
packet-step-7 = In the { $new_password } page, type your new password into the { $password } and { $confirm } fields.
packet-step-8 = Click { $confirm_button }.
packet-register = Registering the token
packet-step-9 = In the { $register } page, enter the { $id_field }: { $id }
packet-step-10 = In the { $code1 } field, enter the Security Code currently displayed on your VIP token.
packet-step-11 = Wait for the Security Code on your VIP token to change, then in the { $code2 } field, enter the new Security Code.
packet-step-12 = Optionally, type a name for your token into the { $name_field } field.
packet-step-13 = Click { $register_button }.
packet-login = Logging in from then on
packet-login-1 = At the { $login } page, type your primary email address and password.
packet-login-2 = Click { $login_button }.
packet-login-3 = In the { $vip } page, type the Security Code currently displayed on your VIP token and click { $login_button }.
packet-note = If authentication fails on the first attempt, wait for the token code to change and try again. Contact the SOC if you have difficulties logging in.
packet-second = If you log in with another token already, add this one under My Account, My Tokens.
packet-safe = Nobody will ask you for your password or a Security Code by telephone or mail. If the token is lost, tell the SOC at once.

# Supported browsers
browsers-title = Supported Browsers
browsers-lead = { $portal } works in the current versions of:
browsers-other = Any other browser works that speaks TLS 1.2 or later. Pages work with and without JavaScript.
browsers-compatibility = Internet Explorer and compatibility modes are not supported.
browsers-cookies = Cookies must be allowed for this site: they are how a login is remembered between two pages.

# Levels
level-title-password = Level: Password
level-title-vip = Level: VIP
level-lead = A token that carries this page’s address in its acr claim says how the person signed in.
level-password = The person proved, in this session, that they know the password of the email address.
level-vip = The person proved, in this session, that they know the password of the email address, and that they hold the VIP token registered for it, by a Security Code that was used once.
level-evidence = It is drawn from what was checked in that session, never from what was asked for or set up.
level-amr = The amr claim is then
level-higher = A stronger level
level-lower = A weaker level

# Mail was sent instead of going on
check-mail-title = Check Your Mail
check-mail-lead = Your login needs a VIP token, and none is registered yet.
check-mail-sent = To be sure that it is you, we have sent a temporary password to your email address. Log in with it to register your token.
check-mail-lifetime = It works once, for 60 minutes.

# A bridging code of the SOC
bridge-title = Bridging Code
bridge-lead = Enter the bridging code that the SOC gave you. It lets you log in without your VIP token for a short while, to services that do not require one.
bridge-code = Bridging Code
bridge-button = Login
bridge-back = Use a VIP token instead
bridge-link = I have a bridging code from the SOC
problem-bridge = That bridging code did not work. It may have expired or been used up. Check it, or contact the SOC.

# A lost credential
lost-title = VIP Token Reported Lost
lost-lead = Your VIP token has been reported lost, so its Security Codes are no longer accepted.
lost-next = Contact the SOC for another one. Once it has been assigned to you, log in again to register it.

# A locked credential
locked-title = VIP Token Locked
locked-lead = There were too many wrong Security Codes in a row, so this VIP token is locked.
locked-next = Contact the SOC. They can unlock it once they know that it is you.

# Too many tries at registering
exhausted-title = Too Many Tries
exhausted-lead = The registration did not succeed in ten tries, so it was ended.
exhausted-next = Check the Credential ID with the SOC. Then ask for a new temporary password and begin again.
exhausted-again = Ask for a temporary password

# Too many attempts
throttled-title = Please Wait
throttled-lead = There have been too many attempts.
throttled-seconds = { $seconds ->
    [one] Try again in { $seconds } second.
   *[other] Try again in { $seconds } seconds.
}
throttled-minutes = { $minutes ->
    [one] Try again in { $minutes } minute.
   *[other] Try again in { $minutes } minutes.
}

# An expired page
expired-title = This Page Has Expired
expired-lead = This login was begun too long ago, or in another browser.
expired-next = Nothing is lost: start again, and it takes a moment.
expired-again = Start again

# Errors
error-id = Reference
error-home = Go to { $portal }
error-client-title = Unknown Application
error-client = The application that sent you here is not known to { $portal }.
error-client-next = Go back to it and try again. If it goes on, tell whoever runs it.
error-redirect-title = Unknown Return Address
error-redirect = The application that sent you here asked to be answered at an address that is not registered for it.
error-redirect-next = You were not sent there, to keep you safe. Tell whoever runs the application.
error-request-title = This Request Cannot Be Understood
error-request = The address or form that brought you here is incomplete or malformed.
error-request-next = Go back to the application and start again.
error-logout-title = Log Out Not Possible
error-logout = The request to log out is incomplete or does not belong to this login.
error-logout-next = You can still log out here.
error-not-found-title = Page Not Found
error-not-found = There is no page at this address.
error-not-found-next = Check the address, or start at the portal’s first page.
error-method-title = Not Possible This Way
error-method = This address does not take that kind of request.
error-method-next = Go back and use the page’s own buttons.
error-large-title = Too Much Data
error-large = The form is larger than this page accepts.
error-large-next = Go back, shorten what you typed and try again.
error-foreign-title = Request Refused
error-foreign = This form was sent from another site, or by a browser that does not say where it came from.
error-foreign-next = Open the page here and send it again. If it goes on, try another browser.
error-cookies-title = Cookies Are Needed
error-cookies = Your browser did not send back the cookie that this login began with.
error-cookies-next = Allow cookies for this site and start again.
error-busy-title = Very Busy
error-busy = Too many people are logging in at this moment.
error-busy-next = Wait a few seconds and try again. Nothing is lost.
error-server-title = Something Went Wrong
error-server = An error on our side kept this page from being shown.
error-server-next = Try again in a moment. If it goes on, contact the SOC and quote the reference below.
error-level-title = Level Out of Reach
error-level = The application needs a login with a VIP token, which your address does not have.
error-level-next = Return to the application, or contact the SOC.
