/** Value of a profile field: a string, or an unsigned 32-bit integer. */
export type ProfileValue = string | number;

/** A checked field of a profile. On the wire it is `{"Tag":…,"Value":…}`. */
export interface ProfileItem {
  readonly tag: string;
  readonly value: ProfileValue;
}

/** Longest string value, standard or custom, in UTF-8 bytes. */
export const MAX_VALUE_BYTES = 500;

/** Greatest number value (uint32). */
export const MAX_VALUE_NUMBER = 4294967295;

/** One row of STANDARD_TAGS. */
export interface StandardTag {
  readonly tag: string;
  /** Name of the field in the options of the Web SDK's `updateMyProfile`. */
  readonly option: string;
  readonly type: 'string' | 'uint32' | 'enum';
  /** Limit in UTF-8 bytes; only for `string`. */
  readonly maxBytes: number | undefined;
  /** Legal values; only for `enum`. */
  readonly values: readonly string[] | undefined;
  /** Whether friends and the user's other devices are told of a change. */
  readonly pushed: boolean;
  /** What the Web SDK shows where the field was never set. */
  readonly unset: ProfileValue;
}

function textTag(tag: string, option: string): StandardTag {
  return { tag, option, type: 'string', maxBytes: MAX_VALUE_BYTES, values: undefined, pushed: true, unset: '' };
}

function numberTag(tag: string, option: string): StandardTag {
  return { tag, option, type: 'uint32', maxBytes: undefined, values: undefined, pushed: true, unset: 0 };
}

function enumTag(tag: string, option: string, values: readonly string[], unset: string): StandardTag {
  return { tag, option, type: 'enum', maxBytes: undefined, values, pushed: true, unset };
}

/**
 * The twelve standard fields.
 *
 * Location: the English page allows 16 bytes, the Chinese page of 2024 allows 500. We take 500, since apps in the
 * field store place names in it. MsgSettings has left the table of the documents, but clients still send it. No
 * per-field permissions are published: users may write all of their own standard fields, as the Web SDK lets them,
 * unless their app takes some away (WriteAccess).
 *
 * @see Tencent Cloud Chat, "User Profile", documents 1047/33520 (English) and 269/3558 (Chinese)
 */
export const STANDARD_TAGS: readonly StandardTag[] = [
  textTag('Tag_Profile_IM_Nick', 'nick'),
  enumTag('Tag_Profile_IM_Gender', 'gender', ['Gender_Type_Unknown', 'Gender_Type_Female', 'Gender_Type_Male'], ''),
  numberTag('Tag_Profile_IM_BirthDay', 'birthday'),
  textTag('Tag_Profile_IM_Location', 'location'),
  textTag('Tag_Profile_IM_SelfSignature', 'selfSignature'),
  enumTag(
    'Tag_Profile_IM_AllowType',
    'allowType',
    ['AllowType_Type_NeedConfirm', 'AllowType_Type_AllowAny', 'AllowType_Type_DenyAny'],
    'AllowType_Type_AllowAny',
  ),
  numberTag('Tag_Profile_IM_Language', 'language'),
  textTag('Tag_Profile_IM_Image', 'avatar'),
  numberTag('Tag_Profile_IM_MsgSettings', 'messageSettings'),
  enumTag(
    'Tag_Profile_IM_AdminForbidType',
    'adminForbidType',
    ['AdminForbid_Type_None', 'AdminForbid_Type_SendOut'],
    'AdminForbid_Type_None',
  ),
  numberTag('Tag_Profile_IM_Level', 'level'),
  numberTag('Tag_Profile_IM_Role', 'role'),
];

const STANDARD: ReadonlyMap<string, StandardTag> = new Map(STANDARD_TAGS.map((row) => [row.tag, row]));

/** The row of a standard tag, or undefined. */
export function findStandardTag(tag: string): StandardTag | undefined {
  return STANDARD.get(tag);
}
