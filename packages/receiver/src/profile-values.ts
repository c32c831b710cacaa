/** Value of each standard profile field. */
export interface StandardProfileValues {
  readonly Tag_Profile_IM_Nick: string;
  readonly Tag_Profile_IM_Gender: 'Gender_Type_Unknown' | 'Gender_Type_Female' | 'Gender_Type_Male';
  /** Recommended form 20190419. */
  readonly Tag_Profile_IM_BirthDay: number;
  readonly Tag_Profile_IM_Location: string;
  readonly Tag_Profile_IM_SelfSignature: string;
  readonly Tag_Profile_IM_AllowType:
    | 'AllowType_Type_NeedConfirm'
    | 'AllowType_Type_AllowAny'
    | 'AllowType_Type_DenyAny';
  readonly Tag_Profile_IM_Language: number;
  /** URL of the avatar. */
  readonly Tag_Profile_IM_Image: string;
  /** Bit 0: do not receive messages. */
  readonly Tag_Profile_IM_MsgSettings: number;
  readonly Tag_Profile_IM_AdminForbidType: 'AdminForbid_Type_None' | 'AdminForbid_Type_SendOut';
  readonly Tag_Profile_IM_Level: number;
  readonly Tag_Profile_IM_Role: number;
}

/** Tag of one of the twelve standard fields. */
export type StandardTagName = keyof StandardProfileValues;

/** Tag of a field that an app declared for itself. */
export type CustomTagName = `Tag_Profile_Custom_${string}`;

/** A changed field; `tag` tells the type of `value`. */
export type TypedProfileItem =
  | {
      [Tag in StandardTagName]: { readonly tag: Tag; readonly value: StandardProfileValues[Tag] };
    }[StandardTagName]
  | { readonly tag: CustomTagName; readonly value: string };

/** Changed fields by the names that the Web SDK has for them; absent = not changed. */
export interface ProfilePatch {
  readonly nick?: StandardProfileValues['Tag_Profile_IM_Nick'];
  readonly gender?: StandardProfileValues['Tag_Profile_IM_Gender'];
  readonly birthday?: StandardProfileValues['Tag_Profile_IM_BirthDay'];
  readonly location?: StandardProfileValues['Tag_Profile_IM_Location'];
  readonly selfSignature?: StandardProfileValues['Tag_Profile_IM_SelfSignature'];
  readonly allowType?: StandardProfileValues['Tag_Profile_IM_AllowType'];
  readonly language?: StandardProfileValues['Tag_Profile_IM_Language'];
  readonly avatar?: StandardProfileValues['Tag_Profile_IM_Image'];
  readonly messageSettings?: StandardProfileValues['Tag_Profile_IM_MsgSettings'];
  readonly adminForbidType?: StandardProfileValues['Tag_Profile_IM_AdminForbidType'];
  readonly level?: StandardProfileValues['Tag_Profile_IM_Level'];
  readonly role?: StandardProfileValues['Tag_Profile_IM_Role'];
  /** By the keyword behind `Tag_Profile_Custom_`; absent if no custom field changed. */
  readonly custom?: Readonly<Record<string, string>>;
}
