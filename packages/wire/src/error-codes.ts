import type { WireFault } from './parsed.ts';

/** One row of ERROR_CODES. */
export interface ErrorCode {
  readonly code: number;
  /** ErrorInfo that Tencent's service is known to answer with; empty where nobody has published it. */
  readonly name: string;
  /** Portrait's own sentence for the code, used when there is nothing more precise to say. */
  readonly text: string;
}

/**
 * Every code that a profile, account or UserSig server can answer with, in ascending order.
 *
 * @see Tencent Cloud Chat, "Error Codes", document 1047/34348
 */
export const ERROR_CODES: readonly ErrorCode[] = [
  { code: 0, name: '', text: '' },
  { code: 1002, name: '', text: 'The session was ended by another login.' },
  { code: 30006, name: '', text: 'Internal error in the relationship service.' },
  { code: 30007, name: '', text: 'The relationship service did not answer in time; try again.' },
  { code: 30008, name: '', text: 'Two writes to the relationships met; try again.' },
  { code: 40001, name: 'Err_Profile_Comm_Decode_Fail', text: 'The request has missing or invalid parameters.' },
  { code: 40002, name: '', text: 'To_Account names no account.' },
  { code: 40003, name: 'Err_Profile_Invalid_Account', text: 'The account has not been imported.' },
  { code: 40004, name: '', text: 'Only an administrator of the app may do this for another user.' },
  { code: 40005, name: '', text: 'The profile text holds sensitive words.' },
  { code: 40006, name: '', text: 'Internal error in the profile service; try again.' },
  { code: 40007, name: '', text: 'The caller may not read this profile field.' },
  { code: 40008, name: '', text: 'The caller may not write this profile field.' },
  { code: 40009, name: '', text: 'The app has no profile field with this tag.' },
  { code: 40601, name: '', text: 'The profile value is longer than 500 bytes.' },
  { code: 40605, name: '', text: 'The profile value is not one that the field can hold.' },
  { code: 40610, name: '', text: 'The profile value has the wrong JSON type.' },
  { code: 50001, name: '', text: 'The account has not been imported.' },
  { code: 50002, name: '', text: 'The request has missing or invalid parameters.' },
  { code: 50003, name: '', text: 'Only an administrator of the app may do this.' },
  { code: 50004, name: '', text: 'Internal error in the conversation service; try again.' },
  { code: 50005, name: '', text: 'The conversation service did not answer in time; try again.' },
  { code: 60002, name: 'HTTP parse Error', text: 'The HTTP request or its URL is malformed.' },
  { code: 60003, name: '', text: 'The request body is not valid JSON.' },
  { code: 60004, name: '', text: 'The UserID or UserSig of the request is wrong.' },
  { code: 60005, name: '', text: 'The account could not be checked; try again.' },
  { code: 60006, name: '', text: 'The SDKAppID is not valid.' },
  { code: 60007, name: '', text: 'This command is called too often; slow down and try again.' },
  { code: 60008, name: '', text: 'The service did not answer in time; try again.' },
  { code: 60009, name: '', text: 'There is no such service or command.' },
  { code: 60010, name: '', text: 'Only an administrator of the app may call this.' },
  { code: 60011, name: '', text: 'The app calls too often; slow down and try again.' },
  { code: 60012, name: '', text: 'The URL has no sdkappid parameter.' },
  { code: 60013, name: '', text: 'An inner answer could not be read.' },
  { code: 60014, name: '', text: 'The account could not be looked up in time; try again.' },
  { code: 60015, name: '', text: 'An account in the request is not a string.' },
  { code: 60016, name: '', text: 'The app is disabled.' },
  { code: 60017, name: '', text: 'This request is disabled.' },
  { code: 60018, name: '', text: 'Too many requests; slow down and try again.' },
  { code: 60019, name: '', text: 'Too many requests; slow down and try again.' },
  { code: 60020, name: '', text: 'The service of this app has been stopped.' },
  { code: 60021, name: '', text: 'Calls from this IP address are not allowed.' },
  { code: 60025, name: '', text: 'sdkappid, identifier, usersig or contenttype of the URL is wrong.' },
  { code: 60026, name: '', text: 'The app does not live on this host.' },
  { code: 60027, name: '', text: 'The request asks for a resource of another product.' },
  { code: 60028, name: '', text: 'The daily volume of the app is used up.' },
  { code: 70001, name: '', text: 'The UserSig has expired; generate a new one.' },
  { code: 70002, name: '', text: 'The UserSig is empty.' },
  { code: 70003, name: '', text: 'The UserSig cannot be decoded; it may have been cut or altered.' },
  { code: 70005, name: '', text: 'The UserSig cannot be decoded; it may have been cut or altered.' },
  { code: 70009, name: '', text: 'The UserSig was not signed with the secret key of this app.' },
  { code: 70013, name: '', text: 'The UserSig was made for another UserID.' },
  { code: 70014, name: '', text: 'The UserSig was made for another SDKAppID.' },
  { code: 70016, name: '', text: 'The app has no secret key.' },
  { code: 70020, name: '', text: 'There is no app with this SDKAppID.' },
  { code: 70050, name: '', text: 'Too many UserSigs failed; wait a minute.' },
  { code: 70051, name: '', text: 'The account is blocked.' },
  { code: 70052, name: '', text: 'The UserSig has been revoked; generate a new one.' },
  { code: 70107, name: 'Err_TLS_PT_Open_Login_Account_Not_Exist', text: 'The account has not been imported.' },
  { code: 70114, name: '', text: 'Login is restricted for this account.' },
  { code: 70169, name: '', text: 'The account service did not answer in time; try again.' },
  { code: 70202, name: '', text: 'The account service did not answer in time; try again.' },
  { code: 70206, name: '', text: 'The request names too many accounts.' },
  { code: 70346, name: '', text: 'The UserSig of the request is wrong.' },
  { code: 70398, name: '', text: 'The app has as many accounts as it may have.' },
  { code: 70399, name: '', text: 'The account was deleted and cannot be imported again yet.' },
  { code: 70402, name: '', text: 'A parameter is missing or invalid.' },
  { code: 70403, name: '', text: 'Only an administrator of the app may manage accounts.' },
  { code: 70404, name: '', text: 'The client is too old for this server.' },
  { code: 70500, name: '', text: 'Internal error in the account service; try again.' },
  { code: 71000, name: '', text: 'Deleting accounts is not enabled for this app.' },
  { code: 72000, name: '', text: 'The app has more active users than it may have today.' },
  { code: 72001, name: '', text: 'User status is not enabled for this app.' },
  { code: 72002, name: '', text: 'The app has more active users than it may have this month.' },
  { code: 72010, name: '', text: 'The user changes state too often; slow down.' },
  { code: 72012, name: '', text: 'Subscribing to profile changes is not enabled for this app.' },
  { code: 80001, name: '', text: 'The text was refused by moderation.' },
  { code: 80003, name: '', text: 'The callback to the app failed, and the app asked to refuse in that case.' },
  {
    code: 90001,
    name: 'Fail to Parse json data of body, Please check it',
    text: 'The request is not a JSON object with a list of accounts.',
  },
  { code: 90003, name: '', text: 'An account of the request is not valid.' },
  { code: 90009, name: '', text: 'Only an administrator of the app may do this.' },
  { code: 90011, name: '', text: 'The request names more than 500 accounts.' },
  { code: 90992, name: '', text: 'The status service did not answer in time; try again.' },
  { code: 90994, name: '', text: 'Internal error in the status service; try again.' },
  { code: 90995, name: '', text: 'Internal error in the status service; try again.' },
  { code: 91000, name: '', text: 'Internal error in the status service; try again.' },
];

const CODES: ReadonlyMap<number, ErrorCode> = new Map(ERROR_CODES.map((row) => [row.code, row]));

/** The row of a code, or undefined for a code that is not in the table. */
export function findErrorCode(code: number): ErrorCode | undefined {
  return CODES.get(code);
}

/** Default sentence of a code; empty for 0 only. A code outside the table gets a sentence that names it. */
export function errorText(code: number): string {
  return CODES.get(code)?.text ?? `The request failed with code ${code}.`;
}

/** Codes whose ErrorInfo existing programs compare with, so that it must be exact. */
const EXACT_INFO: ReadonlySet<number> = new Set([40003, 70107]);

/**
 * What stands in ErrorInfo or ResultInfo for a fault; never empty, apart from code 0.
 *
 * The fault's own message, save for 40003 and 70107: their known constant is what old programs look for.
 */
export function errorInfo(fault: WireFault): string {
  if (EXACT_INFO.has(fault.code)) return CODES.get(fault.code)?.name ?? errorText(fault.code);
  return fault.message || errorText(fault.code);
}
