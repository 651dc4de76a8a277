# ページの文言（日本語）
# $vendor と $portal は運用者が設定する名前で、どのメッセージでも使えます。

# 全ページ共通
skip = フォームへ移動
help-contact = ログインできない場合は SOC にお問い合わせください:
help-plain = ログインできない場合は SOC にお問い合わせください。
supported-browsers = 対応ブラウザー
email-label = メールアドレス
password-label = パスワード
language-label = 表示言語
language-none = 指定なし
back-to-login = ログインに戻る
optional = 任意

# ログイン
login-title = ログイン
login-lead = メールアドレスとパスワードを入力してください。
login-lead-service = { $service } を利用するには、ログインしてください。
login-button = ログイン
login-remember = 次回から入力を省略する
login-remember-hint = このブラウザーで、次回からメールアドレスと表示言語が自動的に入力されます。
login-new-user = 新規ユーザー
login-new-user-lead = 初めてご利用ですか？
login-forgot = パスワードをお忘れの場合
login-problem = メールアドレスまたはパスワードが正しくありません。確認して、もう一度入力してください。初めてログインする場合は「新規ユーザー」を選択してください。
login-problem-empty = メールアドレスとパスワードを入力してください。
login-over = ログインが時間内に完了しなかったか、終了されました。もう一度ログインしてください。
login-register-first = このアカウントには VIP トークンが必要になりましたが、まだ登録されていません。もう一度ログインすると、登録に必要な仮パスワードをメールでお送りします。

# 新規ユーザー
new-user-title = 新規ユーザー
new-user-lead = 主に使用するメールアドレスを入力してください。{ $portal } に登録されている場合は、そのアドレスに仮パスワードをお送りします。
new-user-button = 送信
new-user-sent-title = メールをご確認ください
new-user-sent = 入力されたアドレスが { $portal } に登録されている場合は、仮パスワードをお送りしています。通常 1 分以内に届きます。
new-user-sent-next = 届いた仮パスワードを、ログインページのパスワード欄に入力してください。
new-user-sent-lifetime = 仮パスワードは 60 分間、1 回だけ使用できます。
new-user-sent-nothing = メールが届かない場合は、迷惑メールフォルダーを確認し、{ $vendor } に届け出たアドレスを入力したかどうかをお確かめください。解決しない場合は SOC にお問い合わせください。
new-user-go-login = ログインへ進む
problem-email-empty = メールアドレスを入力してください。

# パスワードを忘れた場合
forgot-title = パスワードの再設定
forgot-lead = 主に使用するメールアドレスを入力してください。新しいパスワードを設定するための仮パスワードをお送りします。
forgot-vip = VIP トークンが必要なログインの場合は、お手元にトークンをご用意ください。セキュリティコードの入力も必要です。
forgot-button = 送信

# 新しいパスワードの作成
new-password-title = 新しいパスワードの作成
new-password-lead = 今後のログインに使用するパスワードを決めてください。
new-password-hint = { $least } 文字以上で入力してください。複数の単語を並べたフレーズをお勧めします。数字や記号を含める必要はありません。
new-password-confirm = パスワードの確認
new-password-button = 確定
problem-password-short = { $least } 文字以上で入力してください。
problem-password-long = { $most } 文字以内で入力してください。
problem-password-mismatch = 2 つのパスワードが一致しません。両方とも入力し直してください。
problem-password-common = このパスワードは、攻撃者が最初に試す単語からできています。別のパスワードを入力してください。
problem-password-context = このパスワードは、ログインに関係する「{ $word }」とほとんど変わらず、推測されやすいものです。別のパスワードを入力してください。
problem-password-pattern = このパスワードは、同じ文字の繰り返しやキーボードの並びからできており、推測されやすいものです。別のパスワードを入力してください。
problem-password-temporary = 仮パスワードと同じです。別のパスワードを入力してください。

# クレデンシャルの登録
register-title = { $vendor } クレデンシャルの登録
register-lead = ログインには、ウェルカムパケットに同封されている VIP トークンが必要です。
register-id = { $vendor } クレデンシャル ID
register-id-hint = トークンまたは VIP アプリに表示されている、英字 4 文字とそれに続く数字です。
register-code1 = セキュリティコード 1
register-code1-hint = VIP トークンに現在表示されているコードを入力してください。
register-code2 = セキュリティコード 2
register-code2-hint = VIP トークンのコードが変わるのを待ってから、新しいコードを入力してください。
register-name = トークンの名前
register-name-hint = このトークンを見分けるための名前です（例:「スマートフォン」）。
register-button = 登録
problem-register = クレデンシャル ID と 2 つのセキュリティコードの組み合わせが正しくありません。ID を確認し、コードが変わるのを待ってから、続けて表示される 2 つのコードを入力してください。解決しない場合は SOC にお問い合わせください。
problem-register-equal = 2 つのセキュリティコードが同じです。VIP トークンのコードが変わるのを待ってから、新しいコードを「セキュリティコード 2」に入力してください。
problem-register-empty = クレデンシャル ID と 2 つのセキュリティコードを入力してください。

# VIP 認証
vip-title = VIP 認証
vip-lead = VIP トークンに現在表示されているセキュリティコードを入力してください。
vip-code = セキュリティコード
vip-code2 = 次のセキュリティコード
vip-code2-hint = VIP トークンのコードが変わるのを待ってから、新しいコードを入力してください。
vip-button = ログイン
problem-vip = セキュリティコードを確認できませんでした。VIP トークンのコードが変わるのを待って、もう一度入力してください。解決しない場合は SOC にお問い合わせください。
problem-vip-left = セキュリティコードを確認できませんでした。あと { $left } 回間違えると、VIP トークンはロックされます。VIP トークンのコードが変わるのを待って、もう一度入力してください。
problem-vip-used = このセキュリティコードは使用済みです。VIP トークンのコードが変わるのを待って、もう一度入力してください。
problem-vip-used-next = このセキュリティコードは使用済みです。VIP トークンには約 { $seconds } 秒後に次のコードが表示されます。表示されたら、そのコードを入力してください。
problem-vip-empty = セキュリティコードを入力してください。
problem-vip-resync = VIP トークンの時刻がずれています。現在表示されているコードと、その次に表示されるコードの両方を入力してください。
problem-code-unavailable = 現在、セキュリティコードを確認できません。VIP トークンのコードが変わるのを待って、もう一度入力してください。解決しない場合は SOC にお問い合わせください。
problem-code-misconfigured = 現在、この VIP トークンのセキュリティコードを確認できません。SOC にお問い合わせください。

# 複数のアカウント
accounts-title = 複数のアカウントが見つかりました
accounts-lead = このメールアドレスには、{ $service } のアカウントが複数あります。
accounts-legend = 今回のセッションで使用する組織を選択してください。
accounts-button = ログイン
problem-accounts = 組織を 1 つ選択してください。

# アカウントなし
no-account-title = このサービスのアカウントがありません
no-account-lead = ログインは完了しましたが、{ $email } には { $service } のアカウントがありません。
no-account-why = アカウントはメールアドレスごとに発行されます。{ $service } を別のアドレスで契約しているか、アカウントがまだ設定されていない可能性があります。
no-account-next = どのアドレスにアカウントがあるかの確認や、アカウントの設定については、SOC にお問い合わせください。
no-account-continue = { $client } に戻る

form-post-title = アプリケーションに戻ります
form-post-lead = { $client } に戻ります。
form-post-button = 続行

# 第三者のアプリケーションについて
about-lead = { $client } について
about-logo = { $client } のロゴ
about-policy = プライバシーポリシー
about-terms = 利用規約

# 同意
consent-title = アクセスを許可しますか？
consent-lead = { $client } が、あなたのログインを使ったアクセスを求めています。
consent-legend = 許可すると、次の情報が渡されます:
consent-scope-openid = ログインごとに作られた識別名による、本人であることの証明
consent-scope-email = メールアドレス
consent-scope-profile = 名前と表示言語
consent-scope-organization = アカウントの組織
consent-scope-offline = ログアウトするまで、不在の間も上記の情報にアクセスすること
consent-scope-other = { $scope }
consent-goes-to = 回答は { $host } に送られます。
consent-allow = 許可する
consent-deny = 許可しない

# ログアウト
logout-title = ログアウト
logout-lead = このブラウザーで { $portal } からログアウトしますか？
logout-lead-client = { $client } が、このブラウザーでの { $portal } からのログアウトを求めています。
logout-button = ログアウト
logout-stay = ログアウトしない
logged-out-title = ログアウトしました
logged-out-lead = このブラウザーのセッションは終了しました。
logged-out-shared = 共有のコンピューターをお使いの場合は、ブラウザーも閉じてください。
logged-out-continue = 続ける
logged-out-again = もう一度ログインする

# ホーム
home-title = サービス
home-lead = 利用するサービスを選択してください。
home-needs-vip = VIP トークンが必要です
home-needs-password = パスワードが必要です
home-signed-in = { $email } でログイン中
home-none = サービスはまだ設定されていません。

# マイアカウントとマイトークン
account-title = マイアカウント
account-name = 名前
account-accounts = アカウント
tokens-title = マイトークン
tokens-lead = このログインの VIP トークンです。
tokens-hint = 変更の前に、パスワードとセキュリティコードをもう一度入力していただきます。変更はメールでお知らせします。ログインにはトークンが必要なため、最後の 1 つは紛失を届け出ることはできますが、削除することはできません。
tokens-none = このログインでは VIP トークンを使用しません。アカウントに必要なのはパスワードだけです。
tokens-bridged = SOC の一時コードでログインしています。トークンの表示と変更には、VIP トークンのセキュリティコードが必要です。
tokens-unnamed = VIP トークン
tokens-state = 状態
tokens-since = 登録日時
tokens-used = 最後に使用した日時
tokens-is-registered = 登録済み
tokens-is-locked = ロック中（SOC にお問い合わせください）
tokens-is-expired = 有効期限切れ
tokens-is-assigned = 未登録
tokens-is-lost = 紛失届け出済み
tokens-add = トークンの追加
tokens-add-lead = SOC から割り当てられた別の VIP トークンを登録します。コードは 2 つとも、新しいトークンのものを入力してください。
tokens-code1-hint = 新しいトークンに現在表示されているコードを入力してください。
tokens-code2-hint = 新しいトークンのコードが変わるのを待ってから、新しいコードを入力してください。
problem-tokens-tries = 試行回数が多すぎます。クレデンシャル ID を SOC に確認し、10 分後にもう一度お試しください。
tokens-rename = 名前を変更
tokens-rename-title = トークンの名前の変更
tokens-rename-lead = { $token } の新しい名前を入力してください。
tokens-remove = 削除
tokens-remove-title = トークンを削除しますか？
tokens-remove-lead = { $token } のセキュリティコードではログインできなくなり、このトークンで開始したほかのセッションは終了します。
tokens-remove-next = トークンの割り当ては残るため、このページからもう一度追加できます。お手元にない場合は、削除ではなく紛失を届け出てください。
tokens-last-title = これは最後のトークンです
tokens-last-lead = このログインには VIP トークンが必要ですが、登録されているのは { $token } だけです。削除することはできません。
tokens-last-next = 先に別のトークンを追加するか、このトークンの紛失を届け出るか、SOC にお問い合わせください。
tokens-report = 紛失を届け出る
tokens-report-title = トークンの紛失を届け出ますか？
tokens-report-lead = { $token } のセキュリティコードは直ちに使用できなくなり、このトークンで開始したセッションはすべて終了します。
tokens-report-here = 現在のセッションもこのトークンで開始されたため、終了します。
tokens-report-next = 代わりのトークンをお渡しできるのは SOC だけです。ここで取り消すことはできません。
tokens-reported-title = トークンの紛失を受け付けました
tokens-reported-lead = トークンのセキュリティコードは使用できなくなり、このトークンで開始したセッションは、現在のものも含めて終了しました。
tokens-reported-next = ほかに登録済みのトークンがある場合は、それを使ってログインしてください。ない場合は、新しいトークンについて SOC にお問い合わせください。
tokens-added = トークンを登録しました。今後のログインに使用できます。
tokens-renamed = トークンの名前を変更しました。
tokens-removed = トークンを削除しました。
tokens-lost = トークンの紛失を受け付けました。セキュリティコードは使用できなくなりました。
tokens-back = マイトークンに戻る

# ウェルカムパケット
packet-title = ウェルカムパケット
packet-lead = { $portal } 用の VIP トークンをお届けします。
packet-what = トークンには、1 回だけ使用できるセキュリティコードが表示されます。パスワードに加えてこのコードを入力することで、ご本人であることを確認します。トークンはご本人だけがお使いください。
packet-organization = 組織
packet-portal = ポータル
packet-soc = SOC の連絡先
packet-set-up = ログインの設定
packet-step-1 = { $url } を開き、「{ $login }」ページの「{ $new_user }」をクリックします。
packet-step-2 = 「{ $new_user }」ページで、主に使用するメールアドレスを入力し、「{ $enter }」をクリックします。
packet-step-3 = メールで届いた仮パスワードを、「{ $login }」ページの「{ $password }」欄に入力します。
packet-step-4 = 必要に応じて、「{ $language }」を選択します。
packet-step-5 = 次回のログインから「{ $email_field }」を自動的に表示する場合は、「{ $remember }」を選択します。
packet-step-6 = 「{ $login_button }」をクリックします。
packet-step-7 = 「{ $new_password }」ページで、新しいパスワードを「{ $password }」欄と「{ $confirm }」欄に入力します。
packet-step-8 = 「{ $confirm_button }」をクリックします。
packet-register = トークンの登録
packet-step-9 = 「{ $register }」ページで、「{ $id_field }」に { $id } を入力します。
packet-step-10 = 「{ $code1 }」欄に、VIP トークンに現在表示されているセキュリティコードを入力します。
packet-step-11 = VIP トークンのセキュリティコードが変わるのを待ってから、「{ $code2 }」欄に新しいセキュリティコードを入力します。
packet-step-12 = 必要に応じて、「{ $name_field }」欄にトークンの名前を入力します。
packet-step-13 = 「{ $register_button }」をクリックします。
packet-login = 以後のログイン
packet-login-1 = 「{ $login }」ページで、主に使用するメールアドレスとパスワードを入力します。
packet-login-2 = 「{ $login_button }」をクリックします。
packet-login-3 = 「{ $vip }」ページで、VIP トークンに現在表示されているセキュリティコードを入力し、「{ $login_button }」をクリックします。
packet-note = 認証できない場合は、トークンのコードが変わるのを待って、もう一度お試しください。ログインできない場合は SOC にお問い合わせください。
packet-second = すでに別のトークンでログインされている場合は、「マイアカウント」の「マイトークン」からこのトークンを追加してください。
packet-safe = 電話やメールでパスワードやセキュリティコードをお尋ねすることはありません。トークンを紛失した場合は、直ちに SOC にご連絡ください。

# 対応ブラウザー
browsers-title = 対応ブラウザー
browsers-lead = { $portal } は、次のブラウザーの最新版に対応しています:
browsers-other = TLS 1.2 以降に対応していれば、その他のブラウザーでもご利用いただけます。JavaScript は有効でも無効でもかまいません。
browsers-compatibility = Internet Explorer と互換モードには対応していません。
browsers-cookies = このサイトの Cookie を許可してください。ページの間でログインの状態を保つために使用します。

# レベル
level-title-password = レベル: パスワード
level-title-vip = レベル: VIP
level-lead = トークンの acr クレームにこのページのアドレスがある場合、その人がどのようにログインしたかを示しています。
level-password = このセッションで、メールアドレスのパスワードを知っていることが確認されました。
level-vip = このセッションで、メールアドレスのパスワードを知っていること、および登録済みの VIP トークンを持っていることが、1 回限りのセキュリティコードによって確認されました。
level-evidence = レベルは、要求や設定の内容ではなく、そのセッションで実際に確認された事実から決まります。
level-amr = このときの amr クレームは次のとおりです:
level-higher = より強いレベル
level-lower = より弱いレベル

# 続行の代わりにメールを送った場合
check-mail-title = メールをご確認ください
check-mail-lead = このログインには VIP トークンが必要ですが、まだ登録されていません。
check-mail-sent = ご本人であることを確認するため、メールアドレスに仮パスワードをお送りしました。仮パスワードでログインして、トークンを登録してください。
check-mail-lifetime = 仮パスワードは 60 分間、1 回だけ使用できます。

# SOC の一時コード
bridge-title = 一時コード
bridge-lead = SOC からお伝えした一時コードを入力してください。VIP トークンを必要としないサービスに限り、短い期間、VIP トークンなしでログインできます。
bridge-code = 一時コード
bridge-button = ログイン
bridge-back = VIP トークンを使用する
bridge-link = SOC から一時コードを受け取っています
problem-bridge = 一時コードを確認できませんでした。期限切れか、使用回数の上限に達している可能性があります。コードを確認するか、SOC にお問い合わせください。

# 紛失したトークン
lost-title = VIP トークンは紛失扱いです
lost-lead = お使いの VIP トークンは紛失の届け出があったため、そのセキュリティコードは使用できません。
lost-next = 新しいトークンについて SOC にお問い合わせください。新しいトークンが割り当てられたら、もう一度ログインして登録してください。

# ロックされたクレデンシャル
locked-title = VIP トークンがロックされています
locked-lead = 誤ったセキュリティコードが続けて入力されたため、この VIP トークンはロックされました。
locked-next = SOC にお問い合わせください。ご本人であることを確認したうえで、ロックを解除します。

# 登録の試行回数の超過
exhausted-title = 試行回数が上限に達しました
exhausted-lead = 登録に 10 回失敗したため、登録を終了しました。
exhausted-next = クレデンシャル ID を SOC に確認してから、新しい仮パスワードを請求して、もう一度最初から登録してください。
exhausted-again = 仮パスワードを請求する

# 試行回数の超過
throttled-title = しばらくお待ちください
throttled-lead = 試行回数が多すぎます。
throttled-seconds = { $seconds } 秒後にもう一度お試しください。
throttled-minutes = { $minutes } 分後にもう一度お試しください。

# 期限切れのページ
expired-title = このページは期限切れです
expired-lead = ログインを始めてから時間が経ちすぎたか、別のブラウザーで始められたログインです。
expired-next = 失われたものはありません。もう一度最初からログインしてください。
expired-again = 最初からやり直す

# エラー
error-id = 参照番号
error-home = { $portal } へ
error-client-title = 不明なアプリケーション
error-client = 呼び出し元のアプリケーションは { $portal } に登録されていません。
error-client-next = アプリケーションに戻って、もう一度お試しください。解決しない場合は、その運営者に連絡してください。
error-redirect-title = 不明な戻り先アドレス
error-redirect = 呼び出し元のアプリケーションが、登録されていない戻り先アドレスを指定しました。
error-redirect-next = 安全のため、そのアドレスには移動していません。アプリケーションの運営者に連絡してください。
error-request-title = リクエストを処理できません
error-request = アドレスまたはフォームの内容が不完全か、正しくありません。
error-request-next = アプリケーションに戻って、最初からやり直してください。
error-logout-title = ログアウトできません
error-logout = ログアウトのリクエストが不完全か、このログインのものではありません。
error-logout-next = このページからログアウトすることはできます。
error-not-found-title = ページが見つかりません
error-not-found = このアドレスにページはありません。
error-not-found-next = アドレスを確認するか、ポータルの最初のページから始めてください。
error-method-title = この方法では利用できません
error-method = このアドレスでは、その種類のリクエストを受け付けていません。
error-method-next = 前のページに戻り、ページ内のボタンを使用してください。
error-large-title = データが大きすぎます
error-large = フォームの内容が、このページで受け付けられる大きさを超えています。
error-large-next = 前のページに戻り、入力内容を短くしてもう一度お試しください。
error-foreign-title = リクエストを拒否しました
error-foreign = このフォームは別のサイトから送信されたか、送信元を示さないブラウザーから送信されました。
error-foreign-next = このサイトのページを開いて、もう一度送信してください。解決しない場合は、別のブラウザーをお試しください。
error-cookies-title = Cookie が必要です
error-cookies = ログインの開始時に発行した Cookie が、ブラウザーから送られてきませんでした。
error-cookies-next = このサイトの Cookie を許可して、もう一度最初からお試しください。
error-busy-title = 混み合っています
error-busy = 現在、ログインが集中しています。
error-busy-next = 数秒待ってから、もう一度お試しください。失われたものはありません。
error-server-title = 問題が発生しました
error-server = システム側のエラーのため、このページを表示できませんでした。
error-server-next = しばらくしてから、もう一度お試しください。解決しない場合は、下の参照番号を添えて SOC にお問い合わせください。
error-level-title = 必要なレベルに達していません
error-level = アプリケーションは VIP トークンによるログインを求めていますが、このアドレスでは利用できません。
error-level-next = アプリケーションに戻るか、SOC にお問い合わせください。
