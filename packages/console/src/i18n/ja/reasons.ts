import type { reasons as english } from '../en/reasons.ts';

export const reasons: Readonly<Record<keyof typeof english, string>> = {
  'why.queued': 'まもなく送られます。先に {ahead} 件あります。',
  'why.queued.do': '何もしなくて大丈夫です。',
  'why.rate': 'このエンドポイントは毎秒 {rate} 件まで受け取り、先に {ahead} 件あります。',
  'why.rate.do': 'バックエンドに余裕があれば、毎秒の試行数の上限を上げてください。',
  'why.paused': 'エンドポイントは一時停止中です。変更は順番に待ち、失われません。',
  'why.paused.do': 'バックエンドの準備ができたら再開してください。',
  'why.circuit-open':
    'エンドポイントは {since} から停止しています。プローブだけが送られ、試行回数には数えず、何も失われません。',
  'why.circuit-open.do':
    'バックエンドを直してください。プローブが届けば残りも順番に送られます。エンドポイントの「再開」ですぐにプローブを送れます。',
  'why.waits-behind': '同じユーザーの変更 {sequence}（{state}）の後ろで待っています。',
  'why.waits-behind.do': 'そちらをご覧ください。片付けば、これはすぐ送られます。',
  'why.retrying': '前回の試行は失敗しました。自動で再試行されます。',
  'why.retrying.do': '原因を取り除くか、今すぐもう一度送ってください。',
  'why.held': 'すべての試行が失敗し、このエンドポイントは人が判断するまでこのユーザーの後続の変更を保留します。',
  'why.held.do': '原因を取り除いてからエンドポイントを再開すると、保留中のユーザーも進みます。',
  'why.dead': 'すべての試行が失敗しました。自動では再試行されません。',
  'why.dead.do': '原因を取り除いてからもう一度送るか、再送でまとめて送ってください。',
  'why.address-refused': 'このアドレスは呼び出せません：{rule}。',
  'why.address-refused.do':
    '--webhook-allow にそのネットワークを指定してサーバーを起動するか、公開アドレスを指定してください。',
  'why.command-off': 'このエンドポイントは {command} を受け取りません。',
  'why.command-off.do': 'エンドポイントでコマンドを有効にし、その期間を再送してください。',
  'why.before-start': 'この変更はエンドポイントより前のものです。',
  'why.before-start.do': '再送すれば、以前の変更も送れます。',
  'why.erased': 'アカウントが削除され、順番が来る前に変更が上書きされました。',
  'why.erased.do': '何もできません。完全に失われています。',
  'why.no-endpoint': 'アプリにエンドポイントがないため、変更はどこにも送られませんでした。',
  'why.no-endpoint.do': '最初から始めるエンドポイントを追加すると受け取れます。',
  'reason.dns': 'ホスト名を解決できませんでした。',
  'reason.dns.do': 'URL の綴りと、Portrait が動くマシンの名前解決を確認してください。',
  'reason.address-refused': 'ホストのアドレスはコールバックの送信先として許可されていません。',
  'reason.address-refused.do':
    'ご自身のものなら、--webhook-allow にそのネットワークを指定してサーバーを起動してください。',
  'reason.connect': '接続できませんでした。',
  'reason.connect.do': 'バックエンドはこのポートで動いていますか。ファイアウォールは Portrait を通しますか。',
  'reason.tls': 'TLS ハンドシェイクに失敗しました。',
  'reason.tls.do':
    '証明書を確認してください：ホスト名は合っていますか、有効期限内ですか、チェーンは揃っていますか。独自の認証局も指定できます。',
  'reason.timeout': '時間内に応答がありませんでした。',
  'reason.timeout.do': '先に応答して後で処理するか、エンドポイントのタイムアウトを延ばしてください。',
  'reason.status': '応答のステータスが 200 ではありませんでした。',
  'reason.status.do':
    '下の応答をご覧ください：401 と 403 はトークンかシークレットの誤り、404 はパスの誤り、500 はハンドラーの障害です。',
  'reason.body-too-large': '応答が 64 KiB を超えました。',
  'reason.body-too-large.do': '{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""} だけを返してください。',
  'reason.not-json': '応答が JSON オブジェクトではありませんでした。',
  'reason.not-json.do':
    '{"ActionStatus":"OK","ErrorCode":0,"ErrorInfo":""} を返すか、200〜299 のすべてのステータスを成功とみなす設定にしてください。',
  'reason.rejected': 'バックエンドが 0 以外の ErrorCode を返しました。',
  'reason.rejected.do':
    '下の ErrorInfo をご覧ください。知らないものを拒否するバックエンドなら、Tencent と同じ判定にできます。',
  'reason.redirect': '応答はリダイレクトでしたが、追跡されません。',
  'reason.redirect.do': 'リダイレクト先のアドレスをエンドポイントに設定してください。',
  'reason.unknown': '失敗しました：{reason}。',
  'reason.unknown.do': '詳細は下をご覧ください。',
};
